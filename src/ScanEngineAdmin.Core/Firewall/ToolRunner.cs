using System.ComponentModel;
using System.Diagnostics;

namespace ScanEngineAdmin.Core.Firewall;

/// <summary>
/// Runs a tool of the operating system: by its full path, with an array of arguments and never a shell, with nothing
/// to read, in plain English, and never for longer than its time.
/// </summary>
public static class ToolRunner
{
    // A service's PATH often lacks the sbin folders, and one that an unprivileged user may write must not be searched.
    private static readonly string[] Folders = OperatingSystem.IsWindows()
        ? [Environment.SystemDirectory]
        : ["/usr/sbin", "/sbin", "/usr/bin", "/bin"];

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    public static async Task<ToolResult> RunAsync(
        string tool, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        string? path = Folders.Select(folder => Path.Combine(folder, tool)).FirstOrDefault(File.Exists);
        if (path is null)
        {
            return ToolResult.Missing;
        }

        var start = new ProcessStartInfo(path, arguments)
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
        bound.CancelAfter(Limit);
        using var process = new Process { StartInfo = start };
        try
        {
            process.Start();
            process.StandardInput.Close();
            Task<string> output = process.StandardOutput.ReadToEndAsync(bound.Token);
            Task<string> error = process.StandardError.ReadToEndAsync(bound.Token);
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
            return new ToolResult(true, -1, $"{tool} did not end within {Limit.TotalSeconds:0} s");
        }
        catch (OperationCanceledException)
        {
            Kill(process);
            throw;
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
