using System.Globalization;
using ScanEngineAdmin.Firewall.Providers.Iptables;
using ScanEngineAdmin.Firewall.Providers.Nftables;
using ScanEngineAdmin.Firewall.Providers.Ufw;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Firewall.Trials;

/// <summary>
/// The steps that bring back what a trial took away: where the order of rules has a meaning, to its own place, because
/// an admin's rule before it is to be asked before it. ufw has no place that such a step could name safely: there it
/// comes back to the head, or to the end if an admin denied before it. firewalld's rules have no order.
/// </summary>
internal static class ReopenSteps
{
    /// <param name="writer">The manager's.</param>
    /// <param name="closed">What was taken away.</param>
    /// <param name="newAbove">How many rules were set at the head of such a rule's chain in the same go.</param>
    /// <param name="before">What was there before all of it.</param>
    /// <param name="engineName">For a rule's comment.</param>
    public static IEnumerable<ToolCall> Of(
        IFirewallWriter writer, IReadOnlyList<InstalledFirewallRule> closed, Func<InstalledFirewallRule, int> newAbove,
        IReadOnlyList<InstalledFirewallRule> before, string engineName) => writer.Provider switch
        {
            // Each directly after what stays before it: from the last one on, so that those between come out in order.
            FirewallProvider.Nftables => closed.OrderByDescending(static r => r.Order).Select(r => Nft(r, closed)),
            FirewallProvider.Iptables => closed.OrderBy(static r => r.Order).Select(r => Iptables(r, newAbove(r))),
            FirewallProvider.Ufw => Ufw((UfwWriter)writer, closed, before),
            _ => closed.SelectMany(r => writer.OpenCalls(RuleText.Of(r), engineName)),
        };

    private static ToolCall Nft(InstalledFirewallRule rule, IReadOnlyList<InstalledFirewallRule> closed)
    {
        string chain = string.Join(' ', rule.Chain.Split(' ').Select(RuleText.Identifier));
        string body = NftablesWriter.Body(RuleText.Of(rule));
        long after = rule.After;
        while (closed.FirstOrDefault(c => c.Chain == rule.Chain && c.Handle == after) is { } gone)
        {
            after = gone.After;
        }

        string first = $"insert rule {chain} {body}";
        return after == 0 ? new ToolCall("nft", [first]) : new ToolCall(
            UndoScript.Nft,
            [string.Create(CultureInfo.InvariantCulture, $"add rule {chain} position {after} {body}"), first]);
    }

    // Each to the head, from the last one on, so that they come out in order; to the end from the first one on.
    private static IEnumerable<ToolCall> Ufw(
        UfwWriter writer, IReadOnlyList<InstalledFirewallRule> closed, IReadOnlyList<InstalledFirewallRule> before)
    {
        ILookup<bool, InstalledFirewallRule> denied = closed.ToLookup(rule => before.Any(
            b => b.RuleId is null && !b.IsDefault && b.Action == InstalledAction.Deny && b.Order < rule.Order
                && b.Flow == rule.Flow && (b.Port is null || b.Port == rule.Port)));
        return [
            .. denied[false].OrderByDescending(static r => r.Order)
                .SelectMany(r => writer.OpenCalls(RuleText.Of(r), string.Empty)),
            .. denied[true].OrderBy(static r => r.Order).SelectMany(static r => UfwWriter.AppendCalls(RuleText.Of(r)))];
    }

    private static ToolCall Iptables(InstalledFirewallRule rule, int newAbove) => new(UndoScript.Insert, [
        IptablesWriter.Tool(rule.Family ?? RuleFamily.IPv4, rule.Backend), rule.Chain,
        (rule.Order + newAbove).ToString(CultureInfo.InvariantCulture),
        .. IptablesReader.Words(rule.Text).Skip(2)]);
}
