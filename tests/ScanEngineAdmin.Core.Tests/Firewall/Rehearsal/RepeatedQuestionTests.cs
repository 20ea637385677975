using System.Net;
using ScanEngineAdmin.Faults.Rulesets;
using ScanEngineAdmin.Firewall.Rehearsal;
using ScanEngineAdmin.Tests.Shared;
using static ScanEngineAdmin.Core.Tests.Firewall.Rehearsal.ReducedCase;

namespace ScanEngineAdmin.Core.Tests.Firewall.Rehearsal;

/// <summary>One copy that is asked often.</summary>
[Trait("Speed", "Slow")]
public sealed class RepeatedQuestionTests(SharedRulesetHost shared) : IClassFixture<SharedRulesetHost>
{
    [Fact, NeedsNamespace("nsenter", "timeout")]
    public async Task A_port_is_open_to_every_peer_that_one_copy_is_asked_about()
    {
        RulesetHost host = await shared.LoadAsync("true");
        IPAddress[] peers = [.. Enumerable.Range(100, 100).Select(static i => new IPAddress([10, 77, 0, (byte)i]))];
        await using FilterRehearsal rehearsal = await FilterRehearsal.OpenAsync(
            host.RunAsync, peers, SocketUser.OfThisProcess, CancellationToken.None);

        foreach (IPAddress peer in peers)
        {
            RehearsalAnswer answer = await rehearsal.AskInAsync(peer, 40814, CancellationToken.None);
            Assert.True(answer.Verdict == RehearsalVerdict.Open, $"{peer}: {answer.Verdict}: {answer.Reason}");
        }
    }

    // The kernel sends one host few errors a second; a copy asks often.
    [Theory, NeedsNamespace("nsenter", "timeout")]
    [InlineData("10.77.0.2", "tcp dport 40814 reject with icmpx admin-prohibited")]
    [InlineData("fd00:77::2", "tcp dport 40814 reject with icmpx admin-prohibited")]
    [InlineData("fd00:77::2", "tcp sport 1024-40000 reject with icmpx no-route; drop")]
    public async Task A_refusal_is_one_however_often_it_is_asked_for(string from, string rules)
    {
        RulesetHost host = await shared.LoadAsync(Chain("accept", rules));
        IPAddress peer = IPAddress.Parse(from);
        await using FilterRehearsal rehearsal = await FilterRehearsal.OpenAsync(
            host.RunAsync, [peer], SocketUser.OfThisProcess, CancellationToken.None);

        for (int i = 0; i < 20; i++)
        {
            RehearsalAnswer answer = await rehearsal.AskInAsync(peer, 40814, CancellationToken.None);
            Assert.True(answer.Verdict == RehearsalVerdict.Rejected, $"{i}: {answer.Verdict}: {answer.Reason}");
        }
    }
}
