using ScanEngineAdmin.Firewall.Rehearsal;

namespace ScanEngineAdmin.Core.Tests.Firewall.Rehearsal;

/// <summary>Which bits of a connection's status a packet that is sent again may see otherwise than the first one.</summary>
public sealed class RetransmissionTests
{
    private const string Redirects = "tcp dport 40814 redirect to :22";
    private const string SavedRedirects = "-A PREROUTING -p tcp -j REDIRECT --to-ports 22";

    [Theory]
    [InlineData("ct status expected accept", false)]
    [InlineData("ct status dnat accept", false)]
    [InlineData("ct status dnat counter packets 0 bytes 0 accept\n" + Redirects, true)]
    [InlineData("ct status dnat accept", true, SavedRedirects)]
    [InlineData("ct status expected accept\n" + Redirects, false)]
    [InlineData("ct status snat accept", true)]
    [InlineData("ct status seen-reply accept", true)]
    [InlineData("ct status assured accept", true)]
    [InlineData("ct status confirmed accept", true)]
    [InlineData("ct status expected,confirmed accept", true)]
    [InlineData("ct status expected | confirmed accept", true)]
    [InlineData("ct status & dnat == 0 accept", true)]
    [InlineData("ct status == expected accept", true)]
    [InlineData("ct status != dnat accept", true)]
    [InlineData("ct status vmap { expected : accept }", true)]
    [InlineData("ct status . ip saddr @few accept", true)]
    [InlineData("", false, "-A INPUT -m conntrack --ctstatus EXPECTED -j ACCEPT")]
    [InlineData("", true, "-A INPUT -m conntrack --ctstatus EXPECTED,ASSURED -j ACCEPT")]
    [InlineData("", true, "-A INPUT -m conntrack ! --ctstatus NONE -j ACCEPT")]
    [InlineData("", true, "-A INPUT -m conntrack --ctstate NEW,SNAT -j ACCEPT")]
    [InlineData("", false, "-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED,DNAT -j ACCEPT")]
    [InlineData("", true, "-A INPUT -m conntrack --ctstate DNAT -j ACCEPT\n" + SavedRedirects)]
    [InlineData(Redirects, true, "-A INPUT -m conntrack --ctstate DNAT -j ACCEPT")]
    public void A_status_counts_where_a_later_packet_may_have_another(string native, bool differs, string saved = "") =>
        Assert.Equal(differs, Retransmission.MayDiffer(
            new HostFilter(native, [new SavedTables("ip", "iptables-legacy", saved)], string.Empty, [])));
}
