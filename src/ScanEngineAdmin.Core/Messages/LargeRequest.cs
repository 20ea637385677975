using System.Buffers.Binary;
using ScanEngineAdmin.Channel;

namespace ScanEngineAdmin.Core.Messages;

/// <summary>
/// A request that does not fit a frame (a scan of thousands of single addresses) goes over a stream of its own: the
/// method in the stream's header, the body until the end of writing, the answer on the way back, a reset as its error.
/// </summary>
internal sealed class LargeRequest
{
    /// <summary>Far above any list that the limits of a scan let through.</summary>
    private const int MaxBody = 4 * 1024 * 1024;

    /// <summary>At once on one channel: each may cost some ten times its bytes while it is read.</summary>
    private const int MaxAtOnce = 2;

    /// <summary>A line that is slower than this is given up; an answer has a request's time beyond it.</summary>
    private const int SlowestBytesPerSecond = 16 * 1024;

    /// <summary>What a request frame carries beside the method.</summary>
    private const int MaxFrameBody = ChannelProtocol.MaxPayload - sizeof(ushort);

    private int _running;

    public static bool IsNeeded(ReadOnlyMemory<byte> body) => body.Length > MaxFrameBody;

    /// <exception cref="ChannelException">The channel's fault; RequestFailed with the peer's code and text.</exception>
    public static async Task<byte[]> AskAsync(
        PeerChannel channel, ushort method, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        byte[] header = new byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16BigEndian(header, method);
        TimeSpan bound = channel.Options.RequestTimeout + TimeSpan.FromSeconds(body.Length / SlowestBytesPerSecond);
        using var limit = new CancellationTokenSource(bound, channel.Options.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            return await SendAsync(channel, header, body, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ChannelException(
                ChannelFault.RequestTimedOut,
                ChannelStage.Open,
                channel.Peer.Remote.ToString(),
                $"The peer did not answer a large request within {bound.TotalSeconds:0} s.",
                exception);
        }
    }

    private static async Task<byte[]> SendAsync(
        PeerChannel channel, byte[] header, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        ChannelStream stream = await channel
            .OpenStreamAsync(Methods.LargeRequestStream, header, cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            try
            {
                await stream.WriteAsync(body, cancellationToken).ConfigureAwait(false);
                await stream.CompleteWritingAsync(cancellationToken).ConfigureAwait(false);
                return await ReadAsync(stream, cancellationToken).ConfigureAwait(false);
            }
            catch (ChannelException exception) when (exception.Fault == ChannelFault.StreamReset)
            {
                throw new ChannelException(
                    ChannelFault.RequestFailed, exception.Stage, exception.EndPoint, exception.Message, exception)
                {
                    PeerCode = exception.PeerCode,
                };
            }
        }
    }

    /// <summary>Answers such a stream with what the handler answers to the same request in a frame.</summary>
    public async Task AnswerAsync(
        IPeerHandler handler, PeerChannel channel, ChannelStream stream, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _running) > MaxAtOnce)
        {
            Interlocked.Decrement(ref _running);
            stream.Reset((int)RequestCode.Busy, $"{MaxAtOnce} large requests are being answered already.");
            return;
        }

        PeerRequestException? refused = null;
        try
        {
            if (stream.Header.Length != sizeof(ushort))
            {
                throw new PeerRequestException((int)RequestCode.Malformed, "A large request names its method.");
            }

            ushort method = BinaryPrimitives.ReadUInt16BigEndian(stream.Header.Span);
            byte[] body = await ReadAsync(stream, cancellationToken).ConfigureAwait(false);
            ReadOnlyMemory<byte> answer = await handler
                .OnRequestAsync(channel, method, body, cancellationToken).ConfigureAwait(false);
            await stream.WriteAsync(answer, cancellationToken).ConfigureAwait(false);
            await stream.CompleteWritingAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (PeerRequestException exception)
        {
            refused = exception;
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }

        if (refused is not null)
        {
            // Only now: whoever hears of the refusal may ask again at once, and finds room.
            stream.Reset(refused.Code, refused.Message);
        }
    }

    private static async Task<byte[]> ReadAsync(ChannelStream stream, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream();
        byte[] buffer = new byte[16 * 1024];
        for (int read; (read = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0;)
        {
            if (body.Length + read > MaxBody)
            {
                throw new PeerRequestException((int)RequestCode.Malformed, $"A request may have {MaxBody} bytes.");
            }

            body.Write(buffer, 0, read);
        }

        return body.ToArray();
    }
}
