using System.Net;
using System.Net.Sockets;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Firewall.Providers;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Firewall;

/// <summary>
/// The commands, pasted into a shell of a host (a namespace) that drops by default, against real connections.
/// </summary>
[Trait("Speed", "Slow")]
public sealed class RealFilterTests
{
    // What should be open gets all the time a loaded machine may need; a drop has to be waited out every time.
    private static readonly TimeSpan UntilOpen = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan UntilDropped = TimeSpan.FromMilliseconds(700);

    [Fact, NeedsNamespace("sed", "xargs")]
    public async Task Nftables_commands_open_and_close_a_host_that_drops_by_default()
    {
        using NetworkNamespace host = NetworkNamespace.Create();
        host.Shell("nft -f - <<'X'\ntable inet filter {\n"
            + "chain input { type filter hook input priority 0; policy drop; ct state established accept; "
            + "meta l4proto { icmp, icmpv6 } accept; }\n"
            + "chain output { type filter hook output priority 0; policy accept; }\n}\nX");

        await AddRemoveAndUndo(host, FirewallProvider.Nftables, "nft list ruleset");
    }

    [Fact, NeedsNamespace("iptables", "sed", "xargs")]
    public async Task Iptables_commands_open_and_close_a_host_that_drops_by_default()
    {
        using NetworkNamespace host = NetworkNamespace.Create();
        host.Shell("iptables -P INPUT DROP && iptables -A INPUT -m state --state ESTABLISHED -j ACCEPT");

        await AddRemoveAndUndo(host, FirewallProvider.Iptables, "iptables-save | grep -v '^#'");
    }

    [Fact, NeedsNamespace("iptables-legacy", "sed", "xargs")]
    public async Task Legacy_iptables_takes_the_same_commands()
    {
        using NetworkNamespace host = NetworkNamespace.Create();
        host.Shell("iptables-legacy -P INPUT DROP && iptables-legacy -A INPUT -m state --state ESTABLISHED -j ACCEPT");

        await AddRemoveAndUndo(
            host, FirewallProvider.Iptables, "iptables-legacy-save | grep -v '^#'",
            static command => command.Replace("iptables ", "iptables-legacy ", StringComparison.Ordinal));
    }

    [Theory, NeedsNamespace("iptables", "ip6tables", "sed", "xargs")]
    [InlineData(FirewallProvider.Nftables)]
    [InlineData(FirewallProvider.Iptables)]
    public void Every_shape_of_rule_is_taken_twice_and_leaves_no_trace(FirewallProvider provider)
    {
        using NetworkNamespace host = NetworkNamespace.Create();
        host.Shell("nft 'add table inet filter; add chain inet filter input { type filter hook input priority 0; }; "
            + "add chain inet filter output { type filter hook output priority 0; }'");
        host.Shell("iptables -S >/dev/null; ip6tables -S >/dev/null");
        IFirewallWriter writer = FirewallWriters.For(provider);
        foreach (RuleFlow flow in Enum.GetValues<RuleFlow>())
        {
            foreach ((RuleFamily family, string[] peers) in new (RuleFamily, string[])[]
            {
                (RuleFamily.IPv4, []), (RuleFamily.IPv4, ["203.0.113.7"]),
                (RuleFamily.IPv4, ["203.0.113.7", "203.0.113.8"]),
                (RuleFamily.IPv6, []), (RuleFamily.IPv6, ["2001:db8::7"]),
                (RuleFamily.IPv6, ["2001:db8::7", "2001:db8::8"]),
            })
            {
                FirewallRule rule = Sample.Rule(flow, family, 40815, peers);
                host.Shell(writer.Open(rule, "x"));
                string once = Tagged(host);
                host.Shell(writer.Open(rule, "x"));

                Assert.Contains(FirewallRuleId.Tag(rule.RuleId), once, StringComparison.Ordinal);
                Assert.Equal(once, Tagged(host));
                host.Shell(writer.Close(rule));
                Assert.Equal(string.Empty, Tagged(host));
                host.Shell(writer.Close(rule));
            }
        }
    }

    private static async Task AddRemoveAndUndo(
        NetworkNamespace host, FirewallProvider provider, string list, Func<string, string>? adapt = null)
    {
        using TcpListener listener = host.Make(() =>
        {
            var made = new TcpListener(IPAddress.Any, 0);
            made.Start();
            return made;
        });
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var there = new IPEndPoint(host.Inside, port);
        IFirewallWriter writer = FirewallWriters.For(provider);
        FirewallRule rule = Sample.Rule(port: port, peers: host.Outside.ToString());
        FirewallRule add = FirewallWriters.WithCommands(rule, writer, "lab-2");
        FirewallRule remove = FirewallWriters.WithCommands(rule with { Change = RuleChange.Remove }, writer, "lab-2");
        string before = Paste(list);

        Assert.False(await Connects(there, UntilDropped), "the host should drop before the rule is there");
        Paste(add.Command);
        Assert.True(await Connects(there, UntilOpen), "Add should open");
        Paste(add.UndoCommand);
        Assert.False(await Connects(there, UntilDropped), "Undo of Add should close");
        Assert.Equal(before, Paste(list));
        Paste(add.Command);
        Paste(remove.Command);
        Assert.False(await Connects(there, UntilDropped), "Remove should close");
        Paste(remove.UndoCommand);
        Assert.True(await Connects(there, UntilOpen), "Undo of Remove should open again");
        Paste(remove.Command);
        Assert.Equal(before, Paste(list));

        string Paste(string command) => Counters(host.Shell(adapt is null ? command : adapt(command)));
    }

    private static string Tagged(NetworkNamespace host) => host.Shell(
        "{ nft list table inet filter; iptables-save; ip6tables-save; } 2>/dev/null | grep scanengine: || true");

    // Packet counters move with every attempt and are no part of what was asked for.
    private static string Counters(string listing) =>
        System.Text.RegularExpressions.Regex.Replace(listing, @"\[\d+:\d+\]|packets \d+ bytes \d+", "[]");

    private static async Task<bool> Connects(IPEndPoint there, TimeSpan within)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        using var bound = new CancellationTokenSource(within);
        try
        {
            await socket.ConnectAsync(there, bound.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
