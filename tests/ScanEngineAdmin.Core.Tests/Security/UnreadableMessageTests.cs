using System.Text;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Channel.Handshake;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.Pairing;
using ScanEngineAdmin.Core.Tests.Pairing;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Security;

/// <summary>
/// Whatever a message is that is none, its reader says so in the one way that it has: no exception of the platform or
/// of the JSON library goes further, and nothing of the message is repeated.
/// </summary>
public sealed class UnreadableMessageTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(3);

    /// <summary>Values in the place of a member's own, each of which ends in another exception somewhere.</summary>
    public static TheoryData<string> Values { get; } =
    [
        "\"###\"", "\"\u00e9\"", "\"A\"", "[256]", "[-1]", "[1.5]", "[[1]]", "[\"x\"]", "{}", "true", "null", "1", "1e999",
        "99999999999999999999", "NaN", "new Date(1)", "{\"$value\":\"###\"}", "\"\\ud800\"",
        "0x999999999999999999", "undefined", "",
    ];

    [Theory, MemberData(nameof(Values))]
    public void A_request_that_cannot_be_read_is_malformed(string value)
    {
        Malformed<CertificateAnnounce>($"{{\"publicKey\":{value},\"signature\":\"AA==\",\"inUse\":true}}");
        Malformed<CertificateNonce>($"{{\"nonce\":{value}}}");
        Malformed<ScanStop>($"{{\"scanId\":{value},\"attempt\":{value}}}");
        Malformed<DirectionPrepare>($"{{\"changeId\":{value},\"to\":{value}}}");

        static void Malformed<T>(string json)
            where T : class
        {
            PeerRequestException refused = Assert.Throws<PeerRequestException>(() => WireJson.Read<T>(Bytes(json)));
            Assert.Equal((int)RequestCode.Malformed, refused.Code);
            Assert.DoesNotContain("###", refused.Message, StringComparison.Ordinal);
        }
    }

    [Theory, MemberData(nameof(Values))]
    public void A_message_of_a_pairing_or_a_handshake_that_cannot_be_read_is_none(string value)
    {
        Assert.Throws<FormatException>(() => PairingJson.Read<PairingProve>(Bytes($"{{\"proof\":{value}}}")));
        Assert.Throws<FormatException>(() => PairingJson.Read<PairingDone>(Bytes($"{{\"proof\":{value}}}")));
        FormatException hello = Assert.Throws<FormatException>(() => HandshakeJson.Read<HelloMessage>(Bytes(
            $"{{\"role\":{value},\"nodeId\":{value},\"properties\":{value}}}")).ToHello());
        Assert.DoesNotContain("###", hello.Message, StringComparison.Ordinal);
    }

    /// <summary>A stranger, and whoever answers in the place of a maker, between two nodes that pair.</summary>
    [Theory]
    [InlineData(NodeRole.Engine)]
    [InlineData(NodeRole.Console)]
    public async Task A_pairing_with_bytes_that_are_none_is_refused_by_the_maker_and_named_by_the_user(NodeRole role)
    {
        var time = new ManualTime();
        using var user = new PairingNode(role, time);
        using var maker = new PairingNode(role == NodeRole.Console ? NodeRole.Engine : NodeRole.Console, time);

        (PairingVerdict verdict, Exception failed) = await TamperedAsync("\"secretId\"", "\"nonce\":\"", "[256],\"x\":\"");
        Assert.Equal(RefusalCode.BadHello, verdict.Refused!.Code);
        Assert.IsType<ChannelException>(failed);

        (_, failed) = await TamperedAsync("\"pairingId\"", "\"nonce\":\"", "[256],\"x\":\"");
        Assert.Equal(FaultCode.ProtocolViolation, Assert.IsType<ScanEngineException>(failed).Code);
        Assert.Empty(user.Pairings());
        Assert.Empty(maker.Pairings());

        // Of the message that has such a member the value becomes one that is no bytes.
        async Task<(PairingVerdict Verdict, Exception Failed)> TamperedAsync(string which, string from, string to)
        {
            bool first = which == "\"secretId\"";
            int messages = 0;
            var pair = new MessagePair(user.Self.Fingerprint, maker.Self.Fingerprint)
            {
                Tamper = text => ++messages == (first ? 1 : 2)
                    ? text.Replace(from, "\"nonce\":" + to, StringComparison.Ordinal)
                    : text,
            };
            Task<PairingVerdict> accepting = maker.Acceptor.AcceptAsync(pair.Maker, CancellationToken.None);
            Task pairing = user.User.PairAsync(
                pair.User,
                maker.Secret(),
                "lab",
                new DialTarget("192.0.2.1", 1, [maker.Self.Fingerprint]),
                CancellationToken.None);
            Exception thrown = await Assert.ThrowsAnyAsync<Exception>(() => pairing.WaitAsync(Bound));
            return (first ? await accepting.WaitAsync(Bound) : default!, thrown);
        }
    }

    private static byte[] Bytes(string json) => Encoding.UTF8.GetBytes(json);
}
