using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Diagnosis;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Domain.Firewall;

namespace ScanEngineAdmin.Core.Tests.Firewall;

public sealed class FirewallJudgeTests
{
    private const FirewallTestOutcome Passes = FirewallTestOutcome.Passed;
    private const FirewallTestOutcome Denies = FirewallTestOutcome.Failed;
    private const FirewallTestOutcome Unread = FirewallTestOutcome.Unknown;

    [Theory]
    [InlineData(ChannelFault.ConnectTimedOut)]
    [InlineData(ChannelFault.ConnectionRefused)]
    [InlineData(ChannelFault.AdminProhibited)]
    [InlineData(ChannelFault.HandshakeTimedOut)]
    public void From_one_end_no_side_is_blamed_whatever_its_own_filter_says(ChannelFault fault)
    {
        foreach (FirewallTestOutcome rule in Enum.GetValues<FirewallTestOutcome>())
        {
            (FirewallVerdict verdict, string detail) = FirewallJudge.Judge(Dialler(fault, rule), null);

            Assert.Equal(FirewallVerdict.Unknown, verdict);
            Assert.Contains("could not be asked", detail, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(ChannelFault.ConnectTimedOut, Denies, Passes, FirewallVerdict.DialerOutbound)]
    [InlineData(ChannelFault.ConnectTimedOut, Denies, Denies, FirewallVerdict.DialerOutbound)]
    [InlineData(ChannelFault.ConnectTimedOut, Denies, Unread, FirewallVerdict.DialerOutbound)]
    [InlineData(ChannelFault.ConnectTimedOut, Passes, Denies, FirewallVerdict.ListenerInbound)]
    [InlineData(ChannelFault.ConnectTimedOut, Unread, Denies, FirewallVerdict.ListenerInbound)]
    [InlineData(ChannelFault.ConnectTimedOut, Passes, Passes, FirewallVerdict.Path)]
    [InlineData(ChannelFault.ConnectTimedOut, Passes, Unread, FirewallVerdict.Unknown)]
    [InlineData(ChannelFault.ConnectTimedOut, Unread, Passes, FirewallVerdict.Unknown)]
    [InlineData(ChannelFault.ConnectionRefused, Passes, Passes, FirewallVerdict.Path)]
    [InlineData(ChannelFault.ConnectionRefused, Passes, Denies, FirewallVerdict.ListenerInbound)]
    [InlineData(ChannelFault.AdminProhibited, Passes, Passes, FirewallVerdict.Path)]
    [InlineData(ChannelFault.AdminProhibited, Denies, Passes, FirewallVerdict.DialerOutbound)]
    public void From_both_ends_the_side_that_denies_is_named(
        ChannelFault fault, FirewallTestOutcome dialler, FirewallTestOutcome listener, FirewallVerdict expected) =>
        Assert.Equal(expected, FirewallJudge.Judge(Dialler(fault, dialler), Listener(rule: listener)).Verdict);

    [Fact]
    public void A_port_without_a_listener_is_told_from_a_reset_by_a_firewall()
    {
        DiallerView refused = Dialler(ChannelFault.ConnectionRefused, Passes);

        (FirewallVerdict verdict, string detail) =
            FirewallJudge.Judge(refused, Listener(ListenerState.None) with { ListenPort = 40900 });

        Assert.Equal(FirewallVerdict.NotListening, verdict);
        Assert.Contains("listens on TCP 40900", detail, StringComparison.Ordinal);
        // Silence is never what a port without a listener answers.
        Assert.Equal(FirewallVerdict.Path, FirewallJudge.Judge(
            Dialler(ChannelFault.ConnectTimedOut, Passes), Listener(ListenerState.None)).Verdict);
    }

    [Fact]
    public void Connections_that_do_arrive_forbid_to_blame_anybody() => Assert.Equal(
        FirewallVerdict.Unknown,
        FirewallJudge.Judge(Dialler(ChannelFault.ConnectTimedOut, Passes), Listener(arrived: true)).Verdict);

    [Fact]
    public void Something_that_connects_and_is_silent_is_a_wrong_service_only_when_the_node_saw_nothing()
    {
        DiallerView silent = Dialler(ChannelFault.HandshakeTimedOut, Passes);

        Assert.Equal(FirewallVerdict.WrongService, FirewallJudge.Judge(silent, Listener()).Verdict);
        Assert.Equal(FirewallVerdict.Unknown, FirewallJudge.Judge(silent, Listener(arrived: true)).Verdict);
        Assert.Equal(FirewallVerdict.Unknown, FirewallJudge.Judge(silent, Listener(arrived: null)).Verdict);
        Assert.Equal(
            FirewallVerdict.WrongService, FirewallJudge.Judge(silent, Listener(ListenerState.Other)).Verdict);
    }

    [Theory]
    [InlineData(ChannelFault.NameNotResolved, FirewallVerdict.NameNotResolved)]
    [InlineData(ChannelFault.HostUnreachable, FirewallVerdict.HostAbsent)]
    [InlineData(ChannelFault.WrongService, FirewallVerdict.WrongService)]
    [InlineData(ChannelFault.TlsIntercepted, FirewallVerdict.TlsInterception)]
    [InlineData(ChannelFault.PeerNotTrusted, FirewallVerdict.WrongPeer)]
    [InlineData(ChannelFault.VersionMismatch, FirewallVerdict.VersionMismatch)]
    public void What_the_dialling_end_sees_itself_needs_no_second_witness(
        ChannelFault fault, FirewallVerdict expected) =>
        Assert.Equal(expected, FirewallJudge.Judge(Dialler(fault, Passes), null).Verdict);

    [Fact]
    public void Every_refusal_has_a_verdict_and_trust_is_never_taken_for_a_firewall()
    {
        foreach (RefusalCode code in Enum.GetValues<RefusalCode>())
        {
            FirewallVerdict verdict = FirewallJudge.Judge(
                Dialler(ChannelFault.Refused, Passes) with { Refusal = code.ToString() }, null).Verdict;

            Assert.True(
                verdict is FirewallVerdict.NotAuthorized or FirewallVerdict.WrongDirection or FirewallVerdict.WrongPeer
                    or FirewallVerdict.VersionMismatch or FirewallVerdict.Unknown,
                $"{code}: {verdict}");
        }

        Assert.Equal(
            FirewallVerdict.NotAuthorized,
            FirewallJudge.Judge(Dialler(ChannelFault.Refused, Passes) with { Refusal = "Pending" }, null).Verdict);
        Assert.Equal(
            FirewallVerdict.WrongDirection,
            FirewallJudge.Judge(
                Dialler(ChannelFault.Refused, Passes) with { Refusal = "WrongDirection" }, null).Verdict);
    }

    [Fact]
    public void A_fault_that_a_newer_peer_names_is_unknown() => Assert.Equal(
        FirewallVerdict.Unknown,
        FirewallJudge.Judge(Dialler(ChannelFault.Closed, Passes) with { Fault = "QuantumFoam" }, Listener()).Verdict);

    [Fact]
    public void Tcps_counters_tell_lost_large_packets_from_plain_silence()
    {
        Assert.Null(FirewallLargePackets.Lost(null));
        Assert.Null(FirewallLargePackets.Lost(new TransportFacts(0, 0, 0, 517, 1448)));
        // A peer that has vanished acknowledges nothing at all.
        Assert.Null(FirewallLargePackets.Lost(new TransportFacts(1, 3, 0, 0, 1448)));
        Assert.NotNull(FirewallLargePackets.Lost(new TransportFacts(2, 3, 0, 517, 1448)));
        Assert.NotNull(FirewallLargePackets.Lost(new TransportFacts(0, 0, 1, 517, 1448)));
    }

    private static DiallerView Dialler(ChannelFault fault, FirewallTestOutcome rule) => new()
    {
        EndPoint = "192.0.2.7:40814",
        Succeeded = false,
        Fault = fault.ToString(),
        LosesLargePackets = false,
        Text = "It failed.",
        Rule = rule,
        RuleText = "its rule.",
    };

    private static ReachabilityReport Listener(
        ListenerState state = ListenerState.Ours, FirewallTestOutcome rule = Passes, bool? arrived = false) => new()
        {
            Listener = state,
            ListenerText = $"{state}.",
            Rule = rule,
            RuleText = "its rule.",
            Arrived = arrived,
            ArrivedText = $"arrived: {arrived}.",
            SeenFrom = "192.0.2.1",
            Product = "1.0",
            MinVersion = 1,
            MaxVersion = 1,
            ClockUnixMs = 0,
        };
}
