using System.Globalization;
using System.Text.RegularExpressions;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Faults.Lab;

/// <summary>
/// The firewall of one host of the lab, replaced as a whole each time. What comes in is dropped unless it is for one of
/// the named ports or was asked for; who tries a named port is counted before anything is dropped.
/// </summary>
internal sealed partial class HostPacketFilter(NetworkNamespace host, params int[] ports)
{
    public void Open() => Set(string.Empty, string.Empty);

    /// <summary>Whoever dials that port here gets no answer.</summary>
    public void DropIn(int port) => Set($"tcp dport {port} drop", string.Empty);

    /// <summary>What this host sends to that port elsewhere is dropped.</summary>
    public void DropOut(int port) => Set(string.Empty, $"tcp dport {port} drop");

    /// <summary>Whoever dials that port here is told that it is forbidden.</summary>
    public void RejectIn(int port) => Set($"tcp dport {port} reject with icmpx type admin-prohibited", string.Empty);

    /// <summary>The link is cut: nothing passes, whether established or not.</summary>
    public void Cut() => Set("drop", "drop");

    /// <summary>How often somebody dialled that port since the wall was set last.</summary>
    public int Tried(int port)
    {
        string told = host.Run("nft", "list", "counter", "inet", "lab", $"tried{port}");
        return int.Parse(Packets().Match(told).Groups[1].Value, CultureInfo.InvariantCulture);
    }

    private void Set(string input, string output)
    {
        string counters = string.Concat(ports.Select(port => $"counter tried{port} {{ }}\n  "));
        string counting = string.Concat(
            ports.Select(port => $"tcp dport {port} tcp flags & (syn | ack) == syn counter name tried{port}\n    "));
        host.Shell($$"""
            nft -f - <<'X'
            add table inet lab
            delete table inet lab
            table inet lab {
              {{counters}}
              chain input {
                type filter hook input priority 0; policy drop;
                iif lo accept
                {{counting}}
                {{input}}
                tcp dport { {{string.Join(", ", ports)}} } accept
                ct state established,related accept
              }
              chain output {
                type filter hook output priority 0; policy accept;
                oif lo accept
                {{output}}
              }
            }
            X
            """);
    }

    [GeneratedRegex(@"packets (\d+)")]
    private static partial Regex Packets();
}
