using System.Globalization;
using System.Text;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Firewall.Providers;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Firewall.Scripts;

/// <summary>
/// A plan as one file to read, keep and run: for sh, PowerShell or cmd. It has two phases: what opens may be run at any
/// time and is what runs when nothing is said; what closes has to be asked for. Running either again changes nothing.
/// </summary>
internal static class FirewallScript
{
    private const int MaxComment = 500;

    /// <param name="plan">The plan; its commands are made again for the provider.</param>
    /// <param name="provider">Whose commands.</param>
    /// <param name="undo">Take the plan back, in reverse order.</param>
    /// <param name="role">One host's half; null for both, which the script then tells apart by its argument.</param>
    /// <param name="nftables">Where rules go under nftables.</param>
    /// <exception cref="ScanEngineException">OptionInvalid: a rule cannot be written.</exception>
    public static string Write(
        FirewallPlan plan, FirewallProvider provider, bool undo, NodeRole? role = null,
        NftablesPlacement? nftables = null)
    {
        ArgumentNullException.ThrowIfNull(plan);
        IFirewallWriter writer = FirewallWriters.For(provider, nftables);
        NodeRole[] roles = role is { } one ? [one] : Enum.GetValues<NodeRole>();
        ScriptForm form = ScriptForm.Of(provider);
        var text = new StringBuilder();
        foreach (string line in form.Head(roles))
        {
            text.Append(line).Append('\n');
        }

        foreach (string line in About(plan, provider, undo))
        {
            text.Append(form.Comment(line)).Append('\n');
        }

        text.Append(form.Begin(roles));
        foreach (NodeRole host in roles)
        {
            IEnumerable<FirewallRule> rules = plan.Rules.Where(r => r.HostRole == host && r.Change != RuleChange.Keep);
            FirewallRule[] ordered = [.. undo ? rules.Reverse() : rules];
            foreach (bool open in (bool[])[true, false])
            {
                text.Append('\n').Append(form.Comment(Title(host, open, ordered))).Append('\n');
                text.Append(form.Open(host, open));
                FirewallRule[] phase = [.. ordered.Where(r => (r.Change == RuleChange.Add) != undo == open)];
                foreach (FirewallRule rule in phase)
                {
                    text.Append(form.Indent).Append(form.Comment(What(rule))).Append('\n');
                    text.Append(form.Indent).Append(form.Comment(Clean(rule.Reason))).Append('\n');
                    foreach (string line in open
                        ? form.Opening(writer, rule, plan.EngineName)
                        : form.Closing(writer, rule))
                    {
                        text.Append(form.Indent).Append(line).Append('\n');
                    }
                }

                text.Append(form.Close(phase.Length == 0));
            }
        }

        return text.Append(form.End(roles)).Replace("\n", form.LineEnd).ToString();
    }

    /// <summary>Free text as it may stand in a comment: one line, no control characters, nothing but ASCII.</summary>
    internal static string Clean(string text)
    {
        string clean = string.Concat(text.Select(static c => c is >= ' ' and <= '~' ? c : '?'));
        return clean.Length > MaxComment ? clean[..MaxComment] + "..." : clean;
    }

    private static IEnumerable<string> About(FirewallPlan plan, FirewallProvider provider, bool undo)
    {
        string way = $"{Words(plan.From)} -> {Words(plan.To)}";
        yield return $"Scan Engine firewall rules for {RuleText.Name(plan.EngineName)}: {way}"
            + (undo ? " (UNDO)" : string.Empty);
        yield return string.Create(
            CultureInfo.InvariantCulture,
            $"Provider {provider}, change {plan.ChangeId:D}, epoch {plan.Epoch}")
            + (plan.DryRun ? ", of a dry run." : ".");
        yield return "open:  may be run at any time, before the change; running it again changes nothing.";
        yield return undo
            ? "close: only when the old direction is in force again on both ends."
            : "close: only when the change is committed and the other end has acknowledged it.";
        if (provider is FirewallProvider.Nftables or FirewallProvider.Iptables)
        {
            yield return "These rules last until the next restart of the host: save the rule set to keep them.";
        }
    }

    private static string Title(NodeRole host, bool open, FirewallRule[] rules)
    {
        string name = rules.Length > 0 ? $" {Clean(rules[0].Host)}" : string.Empty;
        return $"{(host == NodeRole.Console ? "Console" : "Engine")} host{name}: {(open ? "open" : "close")}";
    }

    private static string What(FirewallRule rule)
    {
        string peers = rule.RemoteAddress.Count == 0 ? "any" : string.Join(", ", RuleText.Addresses(rule));
        string way = rule.Flow == RuleFlow.In ? "in from" : "out to";
        return $"{RuleText.Id(rule)}: TCP {RuleText.Port(rule)} {way} {peers} ({rule.AddressFamily})";
    }

    private static string Words(CommunicationDirection direction) =>
        direction == CommunicationDirection.ConsoleToEngine ? "console to engine" : "engine to console";
}
