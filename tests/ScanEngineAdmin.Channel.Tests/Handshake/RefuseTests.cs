using System.Buffers.Binary;
using System.Net.Security;
using System.Text;
using ScanEngineAdmin.Channel.Handshake;

namespace ScanEngineAdmin.Channel.Tests.Handshake;

public sealed class RefuseTests
{
    public static TheoryData<RefusalCode> Codes => new(Enum.GetValues<RefusalCode>());

    [Theory]
    [MemberData(nameof(Codes))]
    public async Task A_refusal_reaches_the_dialler_whole(RefusalCode code)
    {
        await using var dialler = new Node(NodeRole.Engine);
        await using var acceptor = new Node(NodeRole.Console);
        var refusal = new Refusal(code, "come back when the admin has had coffee", TimeSpan.FromSeconds(90), 1, 3);
        ChannelListener listener = acceptor.Refuse(refusal);

        ChannelException failure = await dialler.FailAsync(acceptor.At(listener));

        Assert.Equal(
            code == RefusalCode.Incompatible ? ChannelFault.VersionMismatch : ChannelFault.Refused, failure.Fault);
        Assert.Equal(refusal, failure.Refusal);
        Assert.Equal(acceptor.Identity.Fingerprint, failure.Met);
        Assert.Contains($"127.0.0.1:{listener.EndPoint.Port}", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_version_nobody_shares_names_both_ranges()
    {
        await using var dialler = new Node(NodeRole.Engine);
        await using var acceptor = new Node(NodeRole.Console);
        (ChannelListener listener, _) = acceptor.Welcome();

        ChannelException failure = await dialler.FailAsync(
            acceptor.At(listener), dialler.Hello with { MinVersion = 2, MaxVersion = 4 });

        Assert.Equal(ChannelFault.VersionMismatch, failure.Fault);
        Assert.Contains("1 to 1", failure.Message, StringComparison.Ordinal);
        Assert.Contains("2 to 4", failure.Message, StringComparison.Ordinal);
        Assert.Equal(ChannelFault.VersionMismatch, (await acceptor.NextFailureAsync()).Fault);
    }

    [Fact]
    public async Task An_owner_that_does_not_decide_refuses_in_words()
    {
        await using var dialler = new Node(NodeRole.Engine);
        await using var acceptor = new Node(NodeRole.Console);
        ChannelListener listener = acceptor.Listen((_, _) => Task.CompletedTask);

        ChannelException failure = await dialler.FailAsync(acceptor.At(listener));

        Assert.Equal(RefusalCode.Unspecified, failure.Refusal!.Code);
        Assert.NotEmpty(failure.Refusal.Text);
    }

    [Fact]
    public async Task An_owner_that_throws_is_busy_to_the_peer_and_named_in_the_own_log()
    {
        await using var dialler = new Node(NodeRole.Engine);
        await using var acceptor = new Node(NodeRole.Console);
        ChannelListener listener = acceptor.Listen((_, _) => throw new InvalidOperationException("the store is shut"));

        ChannelException failure = await dialler.FailAsync(acceptor.At(listener));

        Assert.Equal(RefusalCode.Busy, failure.Refusal!.Code);
        Assert.NotNull(failure.Refusal.RetryAfter);
        Assert.DoesNotContain("store", failure.Message, StringComparison.Ordinal);
        Assert.Contains("the store is shut", (await acceptor.NextFailureAsync()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_verdict_is_given_once()
    {
        await using var dialler = new Node(NodeRole.Engine);
        await using var acceptor = new Node(NodeRole.Console);
        var second = new TaskCompletionSource<Exception>();
        ChannelListener listener = acceptor.Listen(async (peer, token) =>
        {
            await peer.RefuseAsync(new Refusal(RefusalCode.Denied, "no"), token);
            second.TrySetResult((await Record.ExceptionAsync(
                () => peer.WelcomeAsync(acceptor.Hello, new Node.NoHandler(), token)))!);
        });

        Assert.Equal(RefusalCode.Denied, (await dialler.FailAsync(acceptor.At(listener))).Refusal!.Code);
        Assert.IsType<InvalidOperationException>(await second.Task.WaitAsync(Node.Patience));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"role\":\"console\"")]
    [InlineData("GOOD,\"more\":1}")]
    [InlineData("GOOD}{}")]
    [InlineData("GOOD,\"properties\":{\"a\":null}}")]
    [InlineData("GOOD,\"properties\":{\"a\":{\"b\":{\"c\":{\"d\":\"e\"}}}}}")]
    [InlineData("GOOD,\"role\":\"king\"}")]
    [InlineData("GOOD,\"role\":1}")]
    [InlineData("GOOD,\"nodeId\":\"7\"}")]
    [InlineData("GOOD,\"nodeId\":\"00000000-0000-0000-0000-000000000000\"}")]
    [InlineData("GOOD,\"name\":null}")]
    [InlineData("GOOD,\"name\":\"a\\u0007b\"}")]
    [InlineData("GOOD,\"name\":\"LONG\"}")]
    [InlineData("GOOD,\"minVersion\":0}")]
    [InlineData("GOOD,\"minVersion\":99999999999999999999}")]
    [InlineData("GOOD,\"maxVersion\":-1}")]
    [InlineData("GOOD,\"name\":\"\u00FF\"}")]
    public async Task A_hello_that_is_none_is_refused_as_such(string text)
    {
        await using var dialler = new Node(NodeRole.Engine);
        await using var acceptor = new Node(NodeRole.Console);
        (ChannelListener listener, _) = acceptor.Welcome();
        string good = Encoding.UTF8.GetString(HandshakeJson.Write(HelloMessage.From(dialler.Hello)))[..^1];
        // Latin-1, so that the last case is not UTF-8.
        byte[] bytes = Encoding.Latin1.GetBytes(text.Replace("GOOD", good, StringComparison.Ordinal)
            .Replace("LONG", new string('n', 129), StringComparison.Ordinal));

        Refusal refusal = await SayAsync(dialler, listener, 0x01, bytes.Length, bytes);

        Assert.Equal(RefusalCode.BadHello, refusal.Code);
        Assert.Equal(ChannelFault.ProtocolViolation, (await acceptor.NextFailureAsync()).Fault);
    }

    [Theory]
    [InlineData(0x01, 8193)]
    [InlineData(0x01, 0xFFFFFF)]
    [InlineData(0x20, 2)]
    [InlineData(0x02, 2)]
    [InlineData(0x77, 2)]
    public async Task A_first_frame_that_is_too_long_or_no_hello_is_refused(byte kind, int length)
    {
        await using var dialler = new Node(NodeRole.Engine);
        await using var acceptor = new Node(NodeRole.Console);
        (ChannelListener listener, _) = acceptor.Welcome();

        Refusal refusal = await SayAsync(dialler, listener, kind, length, new byte[Math.Min(length, 20_000)]);

        Assert.Equal(RefusalCode.BadHello, refusal.Code);
    }

    [Fact]
    public async Task A_refusal_of_a_newer_version_keeps_its_text()
    {
        RefuseMessage newer = RefuseMessage.From(new Refusal((RefusalCode)4711, "one\nline"));

        Refusal read = HandshakeJson.Read<RefuseMessage>(HandshakeJson.Write(newer)).ToRefusal();

        Assert.Equal(RefusalCode.Unspecified, read.Code);
        Assert.Equal("one line", read.Text);
        await Task.CompletedTask;
    }

    [Fact]
    public async Task A_hello_beyond_the_limits_is_not_even_sent()
    {
        await using var dialler = new Node(NodeRole.Engine);
        var many = Enumerable.Range(0, 33).ToDictionary(i => $"k{i}", _ => "v");

        await Assert.ThrowsAsync<ArgumentException>(
            () => dialler.OpenAsync(dialler.At(9), dialler.Hello with { Properties = many }));
    }

    private static async Task<Refusal> SayAsync(
        Node dialler, ChannelListener listener, byte kind, int length, byte[] payload)
    {
        await using SslStream tls = await dialler.SecureAsync(listener.EndPoint.Port);
        byte[] frame = new byte[8 + payload.Length];
        BinaryPrimitives.WriteUInt32BigEndian(frame, ((uint)length << 8) | kind);
        payload.CopyTo(frame, 8);
        await tls.WriteAsync(frame);
        byte[] header = new byte[8];
        await tls.ReadExactlyAsync(header).AsTask().WaitAsync(Node.Patience);
        Assert.Equal(0x03, header[3]);
        byte[] answer = new byte[BinaryPrimitives.ReadUInt32BigEndian(header) >> 8];
        await tls.ReadExactlyAsync(answer).AsTask().WaitAsync(Node.Patience);
        return HandshakeJson.Read<RefuseMessage>(answer).ToRefusal();
    }
}
