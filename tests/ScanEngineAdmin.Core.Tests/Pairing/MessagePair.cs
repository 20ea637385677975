using System.Net;
using System.Threading.Channels;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Pairing;

namespace ScanEngineAdmin.Core.Tests.Pairing;

/// <summary>Two ends of one connection in memory; each sees the fingerprint that TLS would have proved.</summary>
internal sealed class MessagePair
{
    private readonly Channel<object> _toMaker = System.Threading.Channels.Channel.CreateUnbounded<object>();
    private readonly Channel<object> _toUser = System.Threading.Channels.Channel.CreateUnbounded<object>();

    internal MessagePair(Fingerprint seenByMaker, Fingerprint seenByUser)
    {
        User = new End(this, _toMaker.Writer, _toUser.Reader, seenByUser);
        Maker = new End(this, _toUser.Writer, _toMaker.Reader, seenByMaker);
    }

    internal IPairingMessages User { get; }

    internal IPairingMessages Maker { get; }

    /// <summary>Everything that crossed, for a thief to keep.</summary>
    internal List<string> Crossed { get; } = [];

    /// <summary>Changes what crosses; null cuts the connection in its place.</summary>
    internal Func<string, string?> Tamper { get; set; } = text => text;

    private sealed class End(
        MessagePair pair, ChannelWriter<object> writer, ChannelReader<object> reader, Fingerprint peer)
        : IPairingMessages
    {
        public Fingerprint PeerFingerprint => peer;

        public IPAddress? RemoteAddress => IPAddress.Parse("192.0.2.7");

        public Task SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
        {
            string text = System.Text.Encoding.UTF8.GetString(message.Span);
            lock (pair.Crossed)
            {
                pair.Crossed.Add(text);
            }

            writer.TryWrite(pair.Tamper(text) ?? (object)new ChannelException(
                ChannelFault.ConnectionLost, ChannelStage.Hello, "192.0.2.7:1", "cut"));
            return Task.CompletedTask;
        }

        public async Task<byte[]> ReceiveAsync(CancellationToken cancellationToken) =>
            await reader.ReadAsync(cancellationToken) switch
            {
                string text => System.Text.Encoding.UTF8.GetBytes(text),
                ChannelException fault => throw fault,
                var other => throw new InvalidOperationException($"{other}"),
            };

        public Task RefuseAsync(Refusal refusal, CancellationToken cancellationToken)
        {
            writer.TryWrite(new ChannelException(ChannelFault.Refused, ChannelStage.Hello, "192.0.2.7:1", refusal.Text)
            {
                Refusal = refusal,
            });
            return Task.CompletedTask;
        }
    }
}
