using System.Net;
using System.Net.Sockets;
using System.Text;
using ScanEngineAdmin.Channel.Handshake;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Channel.Tests.Handshake;

/// <summary>A hostile proxy: what it answers is bounded in bytes and in time, and none of it says more than a line.</summary>
public sealed class ProxyTunnelTests
{
    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\n", 4000, "no end")]
    [InlineData("HTTP/1.1 200 ", 40_000, "no end")]
    [InlineData("HTTP/1.1 200 OK\r\n", 0, "no end")]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\n", 0, "refused the tunnel")]
    [InlineData("HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/\r\n\r\n", 0, "refused the tunnel")]
    [InlineData("HTTP/1.1 407 Words\r\n", 4000, "refused the credentials")]
    [InlineData("\u0000\u0001\u0002", 40_000, "no HTTP")]
    public async Task What_it_answers_is_read_up_to_a_bound_and_told_in_a_line(string begin, int lines, string why)
    {
        ChannelException refused = await DialAsync(null, async stream =>
        {
            await HearAsync(stream);
            await stream.WriteAsync(Encoding.Latin1.GetBytes(begin));
            byte[] line = Encoding.ASCII.GetBytes("Proxy-Authenticate: Scheme" + new string('x', 30) + "\r\n");
            for (int i = 0; i < lines; i++)
            {
                line[26] = (byte)('a' + (i % 26));
                await stream.WriteAsync(line);
            }
        });

        Assert.Equal((ChannelFault.ProxyRefused, ChannelStage.Connect), (refused.Fault, refused.Stage));
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
        Assert.InRange(refused.Message.Length, 1, 400);
        Assert.DoesNotContain(refused.Message, char.IsControl);
    }

    [Fact]
    public async Task Schemes_without_end_are_some_words()
    {
        ChannelException refused = await DialAsync(
            null,
            async stream =>
            {
                await HearAsync(stream);
                await stream.WriteAsync(Encoding.ASCII.GetBytes("HTTP/1.1 407 Words\r\n" + string.Concat(Enumerable
                    .Range(0, 400).Select(static i => $"Proxy-Authenticate: Scheme{i}\r\n")) + "\r\n"));
            },
            credential: null);

        Assert.Contains(
            "for Scheme0 or Scheme1 or Scheme2 or Scheme3 (", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_byte_after_the_other_does_not_outlast_the_time_of_the_handshake()
    {
        var time = new ManualTime();
        ChannelException refused = await DialAsync(time, async stream =>
        {
            await HearAsync(stream);
            while (true)
            {
                await stream.WriteAsync("H"u8.ToArray());
                time.Pass(TimeSpan.FromSeconds(1));
            }
        });

        Assert.Contains("did not answer within", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_would_be_a_line_of_its_own_is_not_asked_for()
    {
        var asked = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        ChannelException refused = await DialAsync(
            null, async stream => asked.SetResult(await stream.ReadAsync(new byte[1])), host: "a\r\nX-Forwarded: b");

        Assert.Contains("no request may have", refused.Message, StringComparison.Ordinal);
        Assert.Equal(0, await asked.Task.WaitAsync(Node.Patience));
    }

    // Elsewhere than on Linux a connection that is closed with bytes unread takes the answer with it.
    private static async Task HearAsync(NetworkStream stream) => _ = await stream.ReadAsync(new byte[4096]);

    private static async Task<ChannelException> DialAsync(
        TimeProvider? time, Func<NetworkStream, Task> answer, string? credential = "pass-word",
        string host = "console.example")
    {
        await using var proxy = new RawServer(answer);
        var options = new ChannelOptions
        {
            Proxy = HttpProxy.Parse($"127.0.0.1:{proxy.Port}", credential is null ? null : new NetworkCredential("user", credential)),
            Time = time ?? TimeProvider.System,
        };
        ChannelException refused = await Assert.ThrowsAsync<ChannelException>(() => new Connector(options)
            .ConnectAsync(new DialTarget(host, 40815, []), CancellationToken.None).WaitAsync(Node.Patience));
        await proxy.Accepted.WaitAsync(Node.Patience);
        Assert.DoesNotContain("pass-word", refused.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(options.Proxy.Authorization ?? "pass-word", refused.ToString(), StringComparison.Ordinal);
        return refused;
    }
}
