using System.Globalization;
using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Firewall.Rehearsal;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Firewall.Providers;

/// <summary>
/// What this host's own filter does with a connection: asked of its kernel, over a copy of the rules. Where that may
/// not be done the answer is Unknown with the command to find out, but for a host that has no rule at all.
/// </summary>
internal sealed class LocalRuleProbe(
    Func<string, IReadOnlyList<string>, CancellationToken, Task<ToolResult>> run, bool windows, SocketUser? user = null,
    Rehearsals? rehearsals = null)
{
    /// <summary>With what the evidence says that there is more than the packet filter.</summary>
    public const string Besides = RehearsalJudge.Besides;

    private const string Advice = "Let it through: Set-ScanEngineCommunication -Name <engine> -Direction <its "
        + "direction> -WhatIf shows this host's rule with the command that adds it.";

    /// <summary>Result, evidence and recommendation.</summary>
    /// <param name="flow">Whether connections come in or go out.</param>
    /// <param name="port">The port at the listening end.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <param name="peer">The other end; null for any.</param>
    /// <param name="block">The block that the peer is taken from, where a whole block is meant.</param>
    public async Task<(FirewallTestOutcome Result, string Evidence, string Recommendation)> LookAsync(
        RuleFlow flow, int port, CancellationToken cancellationToken, IPAddress? peer = null, string? block = null)
    {
        string number = port.ToString(CultureInfo.InvariantCulture);
        if (windows)
        {
            return (
                FirewallTestOutcome.Unknown, "This is Windows: its rules were not read.",
                $"See whether TCP {number} is allowed {(flow == RuleFlow.In ? "in" : "out")}: "
                + $"Get-NetFirewallRule -Direction {(flow == RuleFlow.In ? "Inbound" : "Outbound")} -Enabled True | "
                + "Get-NetFirewallPortFilter | Where-Object "
                + $"{(flow == RuleFlow.In ? "LocalPort" : "RemotePort")} -eq {number}");
        }

        try
        {
            return await RehearseAsync(flow, port, peer, block, cancellationToken).ConfigureAwait(false);
        }
        catch (RehearsalException e)
        {
            return await new FilterPresence(run).IsEmptyAsync(cancellationToken).ConfigureAwait(false)
                ? (FirewallTestOutcome.Passed, "This host filters nothing: no manager has a chain.", string.Empty)
                : (
                    FirewallTestOutcome.Unknown, e.Message,
                    $"See whether TCP {number} is allowed {(flow == RuleFlow.In ? "in" : "out")}: run this test as "
                    + "root, or read the whole of it: sudo nft list ruleset; sudo iptables-save; sudo ip6tables-save");
        }
    }

    private async Task<(FirewallTestOutcome Result, string Evidence, string Recommendation)> RehearseAsync(
        RuleFlow flow, int port, IPAddress? peer, string? block, CancellationToken cancellationToken)
    {
        IReadOnlyList<IPAddress> peers = peer is null ? AnyPeer.Samples : [PlainAddress.Of(peer)];
        return Result(flow, port, await (rehearsals ?? new Rehearsals(run)).AskAsync(
            peers, user, withOurs: true, AskAsync, cancellationToken).ConfigureAwait(false));

        async Task<List<(string Peer, RehearsalAnswer Answer)>> AskAsync(FilterRehearsal rehearsal)
        {
            var answers = new List<(string Peer, RehearsalAnswer Answer)>();
            foreach (IPAddress one in peers.Where(rehearsal.CanAsk))
            {
                answers.Add((block ?? AnyPeer.Name(one), flow == RuleFlow.In
                    ? await rehearsal.AskInAsync(one, port, cancellationToken).ConfigureAwait(false)
                    : await rehearsal.AskOutAsync(one, port, cancellationToken).ConfigureAwait(false)));
            }

            return answers;
        }
    }

    private static (FirewallTestOutcome Result, string Evidence, string Recommendation) Result(
        RuleFlow flow, int port, List<(string Peer, RehearsalAnswer Answer)> answers)
    {
        if (answers.Select(static a => a.Answer.Verdict == RehearsalVerdict.Open).Distinct().Count() > 1)
        {
            return (
                FirewallTestOutcome.Unknown,
                "It depends on the peer, which is not known: " + string.Join(
                    " ", answers.Select(a => Sentence(flow, port, a.Peer, a.Answer)).Distinct()),
                "Test with the engine's name, so that the peer's address is known.");
        }

        (string whom, RehearsalAnswer answer) = answers.FirstOrDefault(
            static a => a.Answer.Verdict == RehearsalVerdict.Unknown) is { Answer: not null } unknown
            ? unknown : answers[0];
        string evidence = Sentence(flow, port, whom, answer);
        return answer.Verdict switch
        {
            RehearsalVerdict.Open => (FirewallTestOutcome.Passed, evidence, string.Empty),
            RehearsalVerdict.Unknown => (
                FirewallTestOutcome.Unknown, evidence,
                "Read the whole of it: sudo nft list ruleset; sudo iptables-save; sudo ip6tables-save"),
            _ => (FirewallTestOutcome.Failed, evidence, Advice),
        };
    }

    private static string Sentence(RuleFlow flow, int port, string peer, RehearsalAnswer answer) =>
        FormattableString.Invariant(
            $"TCP {port} {(flow == RuleFlow.In ? "from" : "to")} {peer}: {answer.Reason}");
}
