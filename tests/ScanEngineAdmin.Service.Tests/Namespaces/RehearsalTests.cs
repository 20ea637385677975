using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Service.Tests.Namespaces;

/// <summary>What a rehearsal leaves of itself in its process, and in the machine when the process is killed.</summary>
public sealed class RehearsalTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "ScanEngineAdmin.Faults.dll");

    [Fact, NeedsNamespace("nsenter", "timeout")]
    public async Task Every_thread_is_in_the_hosts_network_afterwards()
    {
        await using HostProcess process = HostProcess.StartAssembly(Program, "rehearse");

        string closing = await process.LineAsync(
            static line => line.StartsWith("THREADS ", StringComparison.Ordinal), Patience);

        Assert.True(closing.EndsWith(" elsewhere=0", StringComparison.Ordinal), process.Output);
        Assert.Equal(0, await process.EndAsync());
    }

    [Fact, NeedsNamespace("nsenter", "timeout")]
    public async Task Killed_at_any_moment_it_leaves_no_namespace_and_no_child()
    {
        for (int round = 0; round < 5; round++)
        {
            await using HostProcess process = HostProcess.StartAssembly(Program, "rehearse", "hold");
            string last = $"REHEARSED {round + 1} ";
            await process.LineAsync(line => line.StartsWith(last, StringComparison.Ordinal), Patience);
            await process.KillAsync();
            int id = process.Id;

            // Each ends by itself at the latest fifteen seconds after it began.
            await Until.TrueAsync(() => Holders(id).Length == 0, "A child of the rehearsal lives on.");
        }
    }

    // A child of a rehearsal names the descriptor of its namespace by the number of the process that holds it.
    private static string Holders(int process) => string.Join(' ', Directory.GetDirectories("/proc")
        .Where(static d => int.TryParse(Path.GetFileName(d), out _))
        .Select(static d =>
        {
            try
            {
                return File.ReadAllText(d + "/cmdline").Replace('\0', ' ');
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return string.Empty;
            }
        })
        .Where(line => line.Contains(
            FormattableString.Invariant($"--net=/proc/{process}/fd/"), StringComparison.Ordinal)));
}
