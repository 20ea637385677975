using System.ComponentModel;
using System.Diagnostics;

namespace ScanEngineAdmin.Firewall.Tools;

/// <summary>
/// Runs a tool of the operating system: by its full path, with an array of arguments and never a shell, with nothing
/// to read but what it is given, in plain English, and never for longer than its time.
/// </summary>
internal static class ToolRunner
{
    // A service's PATH often lacks the sbin folders, and one that an unprivileged user may write must not be searched.
    private static readonly string[] Folders = OperatingSystem.IsWindows()
        ? [Environment.SystemDirectory, Path.Combine(Environment.SystemDirectory, "WindowsPowerShell", "v1.0")]
        : ["/usr/sbin", "/sbin", "/usr/bin", "/bin"];

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    // Who changes a filter waits longer than who only looks: given up in the middle it would not know what is there.
    private static readonly TimeSpan PatientLimit = TimeSpan.FromSeconds(60);

    private static readonly string Suffix = OperatingSystem.IsWindows() ? ".exe" : string.Empty;

    public static Task<ToolResult> RunAsync(
        string tool, IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        RunAsync(new ToolCall(tool, arguments), Limit, cancellationToken);

    public static Task<ToolResult> RunAsync(ToolCall call, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(call);
        return RunAsync(call, call.Limit ?? PatientLimit, cancellationToken);
    }

    /// <summary>Where a tool is; null when it is not installed.</summary>
    public static string? PathOf(string tool) =>
        Folders.Select(folder => Path.Combine(folder, tool + Suffix)).FirstOrDefault(File.Exists);

    private static async Task<ToolResult> RunAsync(ToolCall call, TimeSpan limit, CancellationToken cancellationToken)
    {
        if (PathOf(call.Tool) is not { } path)
        {
            return ToolResult.Missing;
        }

        var start = new ProcessStartInfo(path, call.Arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
            WorkingDirectory = Path.GetPathRoot(path)!,
        };
        start.Environment["LC_ALL"] = "C";
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bound.CancelAfter(limit);
        using var process = new Process { StartInfo = start };
        try
        {
            process.Start();

            // Whoever has asked a process for its pipes has to close them: its own end leaves them to the collector.
            using StreamReader said = process.StandardOutput;
            using StreamReader complained = process.StandardError;
            Task<string> output = said.ReadToEndAsync(bound.Token);
            Task<string> error = complained.ReadToEndAsync(bound.Token);
            await FeedAsync(process.StandardInput, call.Input, bound.Token).ConfigureAwait(false);
            await process.WaitForExitAsync(bound.Token).ConfigureAwait(false);
            string text = await output.ConfigureAwait(false) + await error.ConfigureAwait(false);
            return new ToolResult(true, process.ExitCode, text);
        }
        catch (Win32Exception e)
        {
            return new ToolResult(false, -1, e.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            Kill(process);
            return new ToolResult(true, -1, $"{call.Tool} did not end within {limit.TotalSeconds:0} s");
        }
        catch (OperationCanceledException)
        {
            Kill(process);
            throw;
        }
    }

    private static async Task FeedAsync(StreamWriter into, string? input, CancellationToken cancellationToken)
    {
        try
        {
            await using (into.ConfigureAwait(false))
            {
                await into.WriteAsync(input.AsMemory(), cancellationToken).ConfigureAwait(false);
            }
        }
        catch (IOException)
        {
            // It ended without reading all: its exit code and its words say why.
        }
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself in between.
        }
    }
}
