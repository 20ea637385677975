using System.Diagnostics;
using System.Net;
using ScanEngineAdmin.Faults.Rulesets;
using ScanEngineAdmin.Firewall.Rehearsal;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Firewall.Rehearsal;

/// <summary>The lock that programs of iptables wait for.</summary>
[Trait("Speed", "Slow")]
public sealed class IptablesLockTests(SharedRulesetHost shared) : IClassFixture<SharedRulesetHost>
{
    // The one lock of all programs of iptables on a machine, in whatever namespace.
    [Fact, NeedsNamespace("iptables-legacy", "nsenter", "timeout", "flock", "stat")]
    public async Task A_copy_waits_for_another_program_that_changes_rules_of_iptables()
    {
        const string Lock = "/run/xtables.lock";
        RulesetHost host = await shared.LoadAsync("iptables-legacy -P INPUT DROP");
        using var other = Process.Start(new ProcessStartInfo("flock")
        {
            ArgumentList = { "--exclusive", "--no-fork", Lock, "sh", "-c", $"stat -c %i {Lock}; exec cat" },
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        })!;
        string waiting = $":{await other.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromMinutes(3))} ";
        IPAddress peer = IPAddress.Parse("10.77.0.2");

        Task<FilterRehearsal> opening = FilterRehearsal.OpenAsync(
            host.RunAsync, [peer], SocketUser.OfThisProcess, CancellationToken.None);
        while (!opening.IsCompleted && !File.ReadLines("/proc/locks").Any(
            line => line.Contains("-> ", StringComparison.Ordinal) && line.Contains(waiting, StringComparison.Ordinal)))
        {
            await Task.Yield();
        }

        other.StandardInput.Close();
        await using FilterRehearsal rehearsal = await opening;
        Assert.Equal(
            RehearsalVerdict.Dropped, (await rehearsal.AskInAsync(peer, 40814, CancellationToken.None)).Verdict);
        await other.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(3));
    }
}
