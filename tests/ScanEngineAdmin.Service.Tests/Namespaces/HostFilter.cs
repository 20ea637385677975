using System.Globalization;
using System.Text.RegularExpressions;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Service.Tests.Namespaces;

/// <summary>
/// The filter of a host that drops by default. Its one port is open, or shut: then even what is established over it is
/// cut, and whoever tries it is counted.
/// </summary>
internal sealed partial class HostFilter(NetworkNamespace host, int port)
{
    /// <summary>Replaces the whole filter at once, as a firewall does; the count starts at nothing.</summary>
    public void Set(bool open)
    {
        string rule = open
            ? $"tcp dport {port} accept"
            : $"tcp dport {port} tcp flags & (syn | ack) == syn counter name tried drop\n    tcp dport {port} drop";
        host.Shell($$"""
            nft -f - <<'X'
            add table inet lab
            delete table inet lab
            table inet lab {
              counter tried { }
              chain input {
                type filter hook input priority 0; policy drop;
                iif lo accept
                {{rule}}
                ct state established,related accept
              }
            }
            X
            """);
    }

    /// <summary>How often somebody tried to connect while it was shut.</summary>
    public int Tried()
    {
        string told = host.Run("nft", "list", "counter", "inet", "lab", "tried");
        return int.Parse(Packets().Match(told).Groups[1].Value, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"packets (\d+)")]
    private static partial Regex Packets();
}
