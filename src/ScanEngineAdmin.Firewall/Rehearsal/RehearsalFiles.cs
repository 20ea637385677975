using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>
/// A copy of some of the host's files, for a manager that keeps its rules in files: in memory, in a mount namespace of
/// one child. The child ends when its input does, so with this object or this process, and the copy with it.
/// </summary>
internal sealed class RehearsalFiles : IDisposable
{
    // The size of the archive, then the paths: each is covered by its copy. Locks and temporary files are the copy's
    // own.
    private const string Script = """
        set -e
        mount -t tmpfs -o mode=0700 tmpfs /mnt
        head -c "$1" | base64 -d | tar -x -p -C /mnt
        shift
        for path in "$@"; do
          mount --bind "/mnt$path" "$path"
        done
        mount -t tmpfs tmpfs /run
        mount -t tmpfs -o mode=1777 tmpfs /tmp
        echo "ready $$"
        exec cat >/dev/null
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly Process _holder;

    private RehearsalFiles(Process holder, string enter)
    {
        _holder = holder;
        Enter = enter;
    }

    /// <summary>The option that takes nsenter to them.</summary>
    public string Enter { get; }

    /// <param name="run">The host's tools.</param>
    /// <param name="paths">Files and folders, by their full paths.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="RehearsalException">They cannot be copied.</exception>
    public static async Task<RehearsalFiles> CopyAsync(
        Func<ToolCall, CancellationToken, Task<ToolResult>> run, IReadOnlyList<string> paths,
        CancellationToken cancellationToken)
    {
        ToolResult archive = await run(
            new ToolCall("sh", ["-c", "tar -c -C / -- \"$@\" 2>/dev/null | base64 -w 0", "sh",
                .. paths.Select(static p => p.TrimStart('/'))]),
            cancellationToken).ConfigureAwait(false);
        string text = archive.Output.Trim();
        if (!archive.Succeeded || text.Length == 0)
        {
            throw new RehearsalException($"The files {string.Join(", ", paths)} cannot be read.");
        }

        string[] words = [
            "-s", "KILL", "900", "unshare", "--mount", "sh", "-c", Script, "sh",
            text.Length.ToString(CultureInfo.InvariantCulture), .. paths];
        var start = new ProcessStartInfo(ToolRunner.PathOf("timeout") ?? "timeout", words)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = "/",
        };
        start.Environment["LC_ALL"] = "C";
        start.Environment["PATH"] = "/usr/sbin:/sbin:/usr/bin:/bin";
        var holder = new Process { StartInfo = start };
        try
        {
            holder.Start();
            using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            bound.CancelAfter(Patience);
            await holder.StandardInput.WriteAsync(text.AsMemory(), bound.Token).ConfigureAwait(false);
            await holder.StandardInput.FlushAsync(bound.Token).ConfigureAwait(false);
            string? line = await holder.StandardOutput.ReadLineAsync(bound.Token).ConfigureAwait(false);
            return line is not null && line.StartsWith("ready ", StringComparison.Ordinal)
                ? new RehearsalFiles(holder, $"--mount=/proc/{line["ready ".Length..]}/ns/mnt")
                : throw new RehearsalException(
                    $"The files {string.Join(", ", paths)} cannot be copied: "
                    + $"{(await holder.StandardError.ReadToEndAsync(bound.Token).ConfigureAwait(false)).Trim()}");
        }
        catch (Exception e) when (e is Win32Exception or IOException or RehearsalException
            or OperationCanceledException)
        {
            End(holder);
            if (e is RehearsalException || cancellationToken.IsCancellationRequested)
            {
                throw;
            }

            throw new RehearsalException($"The files {string.Join(", ", paths)} cannot be copied: {e.Message}");
        }
    }

    public void Dispose() => End(_holder);

    private static void End(Process holder)
    {
        try
        {
            // Its input ends, and so does it.
            holder.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception)
        {
            // It has not begun, or has ended by itself.
        }

        holder.Dispose();
    }
}
