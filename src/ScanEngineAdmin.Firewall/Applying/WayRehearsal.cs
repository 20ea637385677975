using System.Net;
using ScanEngineAdmin.Firewall.Providers;
using ScanEngineAdmin.Firewall.Rehearsal;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Firewall.Applying;

/// <summary>Asks a rehearsal about the ways that rules open: one question for each of their peers.</summary>
internal static class WayRehearsal
{
    public static async Task<FilterRehearsal> OpenAsync(
        HostTools host, IEnumerable<FirewallRule> rules, CancellationToken cancellationToken,
        Func<HostFilter, HostFilter>? change = null, bool watched = true) =>
        !host.IsThisKernel ? throw new RehearsalException("This host's filter is not this machine's.")
        : await FilterRehearsal.OpenAsync(
            (tool, arguments, token) => host.Run(new ToolCall(tool, arguments), token),
            [.. rules.SelectMany(Peers).Select(static p => p.Address).Distinct()], host.NodeUser, cancellationToken,
            change: change, watched: watched).ConfigureAwait(false);

    /// <summary>
    /// What comes of each rule's way, with this host's rules as they are. By rule id: of several, one that is not open.
    /// </summary>
    /// <exception cref="RehearsalException">This host's rules cannot be rehearsed.</exception>
    public static async Task<IReadOnlyDictionary<string, RehearsalAnswer>> AskAllAsync(
        HostTools host, IReadOnlyList<FirewallRule> rules, CancellationToken cancellationToken)
    {
        var answers = new Dictionary<string, RehearsalAnswer>(StringComparer.Ordinal);
        FilterRehearsal rehearsal = await OpenAsync(host, rules, cancellationToken).ConfigureAwait(false);
        await using (rehearsal.ConfigureAwait(false))
        {
            foreach (FirewallRule rule in rules)
            {
                RehearsalAnswer answer = await AskAsync(rehearsal, rule, cancellationToken).ConfigureAwait(false);
                if (answer.Verdict != RehearsalVerdict.Open || !answers.ContainsKey(rule.RuleId))
                {
                    answers[rule.RuleId] = answer;
                }
            }
        }

        return answers;
    }

    /// <summary>What comes of the rule's way: the first answer that is not open, or one that is.</summary>
    public static async Task<RehearsalAnswer> AskAsync(
        FilterRehearsal rehearsal, FirewallRule rule, CancellationToken cancellationToken)
    {
        RehearsalAnswer? open = null;
        RehearsalAnswer? unknown = null;
        foreach ((IPAddress peer, string name) in Peers(rule).Where(p => rehearsal.CanAsk(p.Address)))
        {
            RehearsalAnswer answer = rule.Flow == RuleFlow.In
                ? await rehearsal.AskInAsync(peer, rule.LocalPort, cancellationToken).ConfigureAwait(false)
                : await rehearsal.AskOutAsync(peer, rule.LocalPort, cancellationToken).ConfigureAwait(false);
            answer = answer.OfFlow(rule.Flow);
            answer = answer with { Reason = $"{name}: {answer.Reason}" };
            switch (answer.Verdict)
            {
                case RehearsalVerdict.Open:
                    open ??= answer;
                    break;
                case RehearsalVerdict.Unknown:
                    unknown ??= answer;
                    break;
                default:
                    return answer;
            }
        }

        return unknown ?? open ?? RehearsalAnswer.Unknown(
            $"this host has no {rule.AddressFamily} address that a peer could meet");
    }

    // A block, or any address, is asked about by one of its addresses, which is not what the admin named.
    private static IEnumerable<(IPAddress Address, string Name)> Peers(FirewallRule rule)
    {
        IReadOnlyList<string> named = RuleText.Addresses(rule);
        return named.Count > 0 ? named.Select(static text => (PeerAddresses.Sample(text), text))
            : AnyPeer.Of(rule.AddressFamily).Select(static address => (address, AnyPeer.Name(address)));
    }
}
