using System.Globalization;
using System.Text;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Firewall.Planning;

/// <summary>
/// A plan as one block to read: both hosts, what opens (+), closes (-) and stays (=), why, and the commands.
/// </summary>
internal static class FirewallPlanText
{
    private const int MostAddresses = 8;

    public static string Render(FirewallPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var text = new StringBuilder();
        string mode = plan.DryRun ? "dry run, nothing was touched" : plan.State.ToString();
        Line(text, $"Firewall plan for {plan.EngineName}: {Words(plan.From)} -> {Words(plan.To)} ({mode})");
        foreach (NodeRole role in Enum.GetValues<NodeRole>())
        {
            FirewallRule[] rules = plan.Rules.Where(r => r.HostRole == role).ToArray();
            string host = rules.Length > 0 ? $" {rules[0].Host}" : string.Empty;
            Line(text, $"{(role == NodeRole.Console ? "Console" : "Engine")} host{host}:");
            if (rules.Length == 0)
            {
                Line(text, "    nothing to do");
            }

            foreach (FirewallRule rule in rules)
            {
                Append(text, rule);
            }

            if (plan.OutboundUnknown.Contains(role))
            {
                Line(text, "  ? It dials, and whether it denies connections out by default is not known. If it does: "
                    + $"plan again with -DenyOutbound {role}");
            }
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, FirewallRule rule)
    {
        char sign = rule.Change switch
        {
            RuleChange.Add => '+',
            RuleChange.Remove => '-',
            _ => '=',
        };
        string end = rule.Flow == RuleFlow.In ? "in  from" : "out to";
        Line(text, $"  {sign} {rule.Protocol} {rule.LocalPort} {end} {Peers(rule)} ({rule.AddressFamily})  "
            + rule.RuleId);
        Line(text, $"      why:  {rule.Reason}{Profiles(rule)}");
        if (rule.OutcomeReason.Length > 0)
        {
            Line(text, $"      now:  {rule.Outcome?.ToString() ?? "not applied"}. {rule.OutcomeReason}");
        }

        if (rule.Command.Length > 0)
        {
            Line(text, $"      do:   {rule.Command}");
            Line(text, $"      undo: {rule.UndoCommand}");
        }
    }

    // Whoever approves a plan of Windows has to know in which networks it opens.
    private static string Profiles(FirewallRule rule) => (rule.Change, rule.Provider) switch
    {
        (RuleChange.Add, FirewallProvider.NetSecurity) =>
            " For the profiles Domain and Private; Invoke-EngineFirewallPlan adds those of the networks that the host is in then.",
        (RuleChange.Add, FirewallProvider.Netsh) => " For the profiles Domain and Private alone.",
        _ => string.Empty,
    };

    private static string Peers(FirewallRule rule)
    {
        int count = rule.RemoteAddress.Count;
        string first = string.Join(", ", rule.RemoteAddress.Take(MostAddresses));
        return count switch
        {
            0 => "any",
            <= MostAddresses => first,
            _ => string.Create(CultureInfo.InvariantCulture, $"{first} and {count - MostAddresses} more"),
        };
    }

    private static string Words(CommunicationDirection direction) =>
        direction == CommunicationDirection.ConsoleToEngine
            ? "standard (console to engine)"
            : "reverse (engine to console)";

    private static void Line(StringBuilder text, string line) => text.Append(line).Append('\n');
}
