using System.Globalization;
using ScanEngineAdmin.Firewall.Rehearsal;
using ScanEngineAdmin.Firewall.Tools;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Firewall.Rehearsal;

/// <summary>A manager that is tried changes a copy of its files, and the copy goes with whoever made it.</summary>
public sealed class RehearsalFilesTests
{
    [Fact, NeedsNamespace("unshare", "nsenter", "timeout", "tar", "base64")]
    public async Task What_is_written_to_the_copy_is_not_written_to_the_host_and_goes_with_it()
    {
        // Not in /tmp, which the copy has for itself.
        string folder = Path.Combine("/var/tmp", FormattableString.Invariant($"sea-files-{Environment.ProcessId}"));
        Directory.CreateDirectory(folder);
        string file = Path.Combine(folder, "some.rules");
        await File.WriteAllTextAsync(file, "the host's");
        int holder;
        using (RehearsalFiles files = await RehearsalFiles.CopyAsync(
            ToolRunner.RunAsync, [folder], CancellationToken.None))
        {
            // --mount=/proc/<holder>/ns/mnt
            holder = int.Parse(files.Enter.Split('/')[2], CultureInfo.InvariantCulture);
            ToolResult inside = await ToolRunner.RunAsync(
                new ToolCall("nsenter", [files.Enter, "sh", "-c", "cat \"$1\"; echo changed >\"$1\"; cat \"$1\"",
                    "sh", file]), CancellationToken.None);

            Assert.Equal("the host'schanged", inside.Output.Trim());
            Assert.Equal("the host's", await File.ReadAllTextAsync(file));
        }

        using var bound = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (Directory.Exists(FormattableString.Invariant($"/proc/{holder}")))
        {
            Assert.True(await timer.WaitForNextTickAsync(bound.Token));
        }

        Assert.Equal("the host's", await File.ReadAllTextAsync(file));
        Directory.Delete(folder, recursive: true);
    }

    [Fact, NeedsNamespace("unshare", "nsenter", "timeout", "tar", "base64")]
    public async Task Files_that_are_not_there_are_no_copy() => await Assert.ThrowsAsync<RehearsalException>(
        () => RehearsalFiles.CopyAsync(ToolRunner.RunAsync, ["/etc/no-such-manager"], CancellationToken.None));
}
