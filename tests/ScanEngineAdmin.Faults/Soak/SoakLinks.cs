using System.Globalization;
using ScanEngineAdmin.Faults.Lab;

namespace ScanEngineAdmin.Faults.Soak;

/// <summary>
/// The ways between the hosts, all through the router that this process's own network is. Its filter is replaced as a
/// whole whenever a fault begins or ends. What the engines scan is not on these ways.
/// </summary>
internal sealed class SoakLinks
{
    private const int LostPercent = 25;
    private readonly object _gate = new();
    private readonly Dictionary<PlannedFault, string[]> _rules = [];

    /// <summary>Whether this kernel can delay and lose packets by itself.</summary>
    public bool HasNetem { get; } = Router.CanEmulate("netem", "delay", "1ms");

    /// <summary>In place of a delay: the host's link is slow, and packets wait for each other.</summary>
    public bool HasTbf { get; } = Router.CanEmulate("tbf", "rate", "64kbit", "burst", "4kb", "latency", "2s");

    public void Begin(PlannedFault fault, SoakHost host, int otherPort)
    {
        string address = host.Address.ToString();
        switch (fault.Kind)
        {
            case FaultKind.Unplug:
                Router.Run("ip", "link", "set", host.Space.Near, "down");
                break;
            case FaultKind.Slow when HasNetem:
                Router.Run("tc", "qdisc", "add", "dev", host.Space.Near, "root", "netem",
                    "delay", "250ms", "100ms", "reorder", "80%");
                break;
            case FaultKind.Slow when HasTbf:
                Router.Run("tc", "qdisc", "add", "dev", host.Space.Near, "root", "tbf",
                    "rate", "64kbit", "burst", "4kb", "latency", "2s");
                break;
            case FaultKind.Lossy when HasNetem:
                Router.Run("tc", "qdisc", "add", "dev", host.Space.Near, "root", "netem",
                    "loss", string.Create(CultureInfo.InvariantCulture, $"{LostPercent}%"), "delay", "20ms", "20ms");
                break;
            default:
                Filter(rules => rules[fault] = Rules(fault.Kind, address, otherPort));
                break;
        }
    }

    public void End(PlannedFault fault, SoakHost host)
    {
        if (fault.Kind == FaultKind.Unplug)
        {
            Router.Run("ip", "link", "set", host.Space.Near, "up");
        }
        else if ((fault.Kind == FaultKind.Slow && (HasNetem || HasTbf)) || (fault.Kind == FaultKind.Lossy && HasNetem))
        {
            Router.Run("tc", "qdisc", "del", "dev", host.Space.Near, "root");
        }
        else
        {
            Filter(rules => rules.Remove(fault));
        }
    }

    private static string[] Rules(FaultKind kind, string host, int otherPort)
    {
        string any = string.Create(
            CultureInfo.InvariantCulture, $"tcp dport {{ {SoakLab.EnginePort}, {SoakLab.ConsolePort} }}");
        string lost = string.Create(CultureInfo.InvariantCulture, $"numgen random mod 100 < {LostPercent} drop");
        return kind switch
        {
            FaultKind.Cut => [$"ip saddr {host} drop", $"ip daddr {host} drop"],
            FaultKind.DeafOneWay => [$"ip daddr {host} drop"],
            FaultKind.MuteOneWay => [$"ip saddr {host} drop"],
            FaultKind.NoNewConnections =>
                [$"ip saddr {host} {any} tcp flags & (syn | ack) == syn drop",
                    $"ip daddr {host} {any} tcp flags & (syn | ack) == syn drop"],
            FaultKind.OtherPortDropped =>
                [$"ip saddr {host} tcp dport {otherPort} drop", $"ip daddr {host} tcp dport {otherPort} drop"],
            _ => [$"ip saddr {host} {lost}", $"ip daddr {host} {lost}"],
        };
    }

    private void Filter(Action<Dictionary<PlannedFault, string[]>> change)
    {
        lock (_gate)
        {
            change(_rules);
            Router.Filter(
            [
                "add table inet soak",
                "add chain inet soak forward { type filter hook forward priority 0; }",
                .. _rules.Values.SelectMany(rules => rules).Select(rule => $"add rule inet soak forward {rule}"),
            ]);
        }
    }
}
