using System.Net;
using ScanEngineAdmin.Faults.Rulesets;
using ScanEngineAdmin.Firewall.Rehearsal;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Tools;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Firewall.Rehearsal;

/// <summary>
/// A console and an engine on one host meet at the host's own address: such a connection never leaves the host, and the
/// filter sees the loopback.
/// </summary>
[Trait("Speed", "Slow")]
public sealed class OwnAddressTests : IDisposable
{
    private const string Chain =
        "nft 'add table inet t; add chain inet t in { type filter hook input priority 0; policy ";

    private readonly RulesetHost _host;

    public OwnAddressTests()
    {
        NeedsAttribute.SkipFor(NetworkNamespace.WhyNot("nft"));
        _host = new RulesetHost();
    }

    public void Dispose() => _host.Dispose();

    [Theory, NeedsNamespace("nsenter", "timeout", "bash")]
    [InlineData("10.77.0.1", "true", true)]
    [InlineData("fd00:77::1", "true", true)]
    [InlineData("10.77.0.1", Chain + "drop; }; add rule inet t in iif lo accept'", true)]
    [InlineData("fd00:77::1", Chain + "drop; }; add rule inet t in iif lo accept'", true)]
    [InlineData("10.77.0.1", Chain + "drop; }; add rule inet t in iif lo ip saddr 127.0.0.0/8 accept'", false)]
    [InlineData("10.77.0.1", Chain + "accept; }; add rule inet t in tcp dport 40814 reject with tcp reset'", false)]
    [InlineData("10.77.0.1", Chain + "drop; }; add rule inet t in fib daddr type local accept'", true)]
    [InlineData("10.77.0.1", Chain + "accept; }; add rule inet t in fib daddr . iif type != local drop'", false)]
    [InlineData("10.77.0.1", Chain + "accept; }; add rule inet t in iifname eth0 drop'", true)]
    [InlineData("192.0.2.1", "ip addr add 192.0.2.1/32 dev lo; " + Chain + "drop; }; add rule inet t in iif lo accept'",
        true)]
    public async Task A_connection_to_an_own_address_is_judged_as_it_really_goes(string own, string load, bool open)
    {
        await LoadAsync(load);

        await using FilterRehearsal rehearsal = await OpenAsync(own);
        RehearsalAnswer comes = await rehearsal.AskInAsync(IPAddress.Parse(own), 40814, CancellationToken.None);
        RehearsalAnswer goes = await rehearsal.AskOutAsync(IPAddress.Parse(own), 40814, CancellationToken.None);

        ToolResult really = await _host.RunAsync(
            "timeout", ["1", "bash", "-c", $"echo >/dev/tcp/{own}/40814"], CancellationToken.None);
        Assert.Equal(open, really.Succeeded);
        Assert.True(open == (comes.Verdict == RehearsalVerdict.Open) && comes.Verdict != RehearsalVerdict.Unknown,
            $"{comes.Verdict} {comes.Reason}");
        Assert.Equal(comes.Verdict, goes.Verdict);
    }

    [Fact, NeedsNamespace("nsenter", "timeout")]
    public async Task A_copy_that_lacks_the_interface_of_an_own_address_is_not_asked_about_it()
    {
        await using (FilterRehearsal loopback = await OpenAsync("127.0.0.1"))
        {
            Assert.False(await loopback.TryAddAsync(IPAddress.Parse("10.77.0.1"), CancellationToken.None));
        }

        await using FilterRehearsal link = await OpenAsync("10.77.0.2");
        Assert.True(await link.TryAddAsync(IPAddress.Parse("10.77.0.1"), CancellationToken.None));
        Assert.Equal(
            RehearsalVerdict.Open,
            (await link.AskInAsync(IPAddress.Parse("10.77.0.1"), 40814, CancellationToken.None)).Verdict);
    }

    [Fact, NeedsNamespace("nsenter", "timeout")]
    public async Task A_connection_within_the_host_whose_last_packet_is_dropped_is_denied()
    {
        await LoadAsync(Chain + "drop; }; add rule inet t in tcp flags syn accept'");

        await using FilterRehearsal rehearsal = await OpenAsync("127.0.0.1");
        RehearsalAnswer answer = await rehearsal.AskInAsync(IPAddress.Loopback, 40814, CancellationToken.None);

        Assert.True(answer.Verdict == RehearsalVerdict.Dropped, $"{answer.Verdict}: {answer.Reason}");
    }

    [Theory, NeedsNamespace("iptables-legacy", "nsenter", "timeout")]
    [InlineData("accept'", true)]
    [InlineData("limit rate over 1000/second drop'", false)]
    [InlineData("accept'; iptables-legacy -A OUTPUT -p tcp -m connlimit --connlimit-above 500 -j DROP", false)]
    public async Task What_goes_out_is_judged_though_its_way_in_is_denied(string rest, bool known)
    {
        await LoadAsync(Chain + "accept; }; add rule inet t in limit rate over 1000/second drop; add rule inet t in tcp "
            + $"dport 40814 drop; add chain inet t out {{ type filter hook output priority 0; }}; add rule inet t out {rest}");

        await using FilterRehearsal rehearsal = await OpenAsync("10.77.0.1");
        RehearsalAnswer goes = (await rehearsal.AskOutAsync(
            IPAddress.Parse("10.77.0.1"), 40814, CancellationToken.None)).OfFlow(RuleFlow.Out);

        Assert.True(goes.Verdict == (known ? RehearsalVerdict.Open : RehearsalVerdict.Unknown), goes.Reason);
    }

    private Task<FilterRehearsal> OpenAsync(string peer) => FilterRehearsal.OpenAsync(
        _host.RunAsync, [IPAddress.Parse(peer)], SocketUser.OfThisProcess, CancellationToken.None);

    private async Task LoadAsync(string load)
    {
        ToolResult loaded = await _host.RunAsync("sh", ["-ec", load], CancellationToken.None);
        Assert.True(loaded.Succeeded, loaded.Output);
    }
}
