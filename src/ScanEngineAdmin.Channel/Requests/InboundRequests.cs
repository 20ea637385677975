using ScanEngineAdmin.Channel.Wire;

namespace ScanEngineAdmin.Channel.Requests;

/// <summary>
/// The peer's requests. Every one is answered exactly once, also a cancelled one: until then it counts, here and there.
/// </summary>
internal sealed class InboundRequests(PeerChannel channel, FrameWriter writer, ChannelOptions options)
{
    private const int Kept = 256;
    private readonly Dictionary<uint, InboundRequest> _running = [];
    private readonly Stack<InboundRequest> _free = new();
    private bool _closed;

    public string? TakeRequest(uint id, ReadOnlySpan<byte> payload)
    {
        if (!FramePayload.TryReadRequest(payload, out ushort method, out ReadOnlySpan<byte> body))
        {
            return "a request without a method";
        }

        InboundRequest request;
        lock (_running)
        {
            if (_closed)
            {
                return null;
            }

            if (_running.Count >= options.MaxRequestsIn)
            {
                return $"more than {options.MaxRequestsIn} requests in flight";
            }

            request = _free.Count > 0 ? _free.Pop() : new InboundRequest(this);
            if (!_running.TryAdd(id, request))
            {
                return $"request id {id} while it is still in flight";
            }
        }

        request.Begin(id, method, body);
        channel.Batches.AddHandler(request);
        return null;
    }

    public string? TakeCancel(uint id, ReadOnlySpan<byte> payload)
    {
        if (!payload.IsEmpty)
        {
            return "a cancel frame with a payload";
        }

        lock (_running)
        {
            // An unknown id is no fault: the answer has crossed the cancel on its way.
            if (_running.TryGetValue(id, out InboundRequest? request) && !request.IsCancelled)
            {
                request.IsCancelled = true;
                ThreadPool.UnsafeQueueUserWorkItem(static r => r.Cancel(), request, preferLocal: false);
            }
        }

        return null;
    }

    /// <summary>Tells all handlers that nobody waits for their answers.</summary>
    public void CancelAll()
    {
        lock (_running)
        {
            _closed = true;
            foreach (InboundRequest request in _running.Values)
            {
                if (!request.IsCancelled)
                {
                    request.IsCancelled = true;
                    ThreadPool.UnsafeQueueUserWorkItem(static r => r.Cancel(), request, preferLocal: false);
                }
            }

            _free.Clear();
        }
    }

    // The handler is code of the layer above: whatever it throws becomes an answer.
#pragma warning disable CA1031
    public void Handle(InboundRequest request)
    {
        try
        {
            ValueTask<ReadOnlyMemory<byte>> answer =
                channel.Handler.OnRequestAsync(channel, request.Method, request.Body, request.Token);
            if (!answer.IsCompletedSuccessfully)
            {
                _ = HandleAsync(request, answer);
                return;
            }

            ReadOnlyMemory<byte> ready = answer.Result;
            if (!TryReply(request, ready))
            {
                _ = HandleAsync(request, new ValueTask<ReadOnlyMemory<byte>>(ready));
            }
        }
        catch (Exception e)
        {
            Fault(request, e);
        }
    }

    private async Task HandleAsync(InboundRequest request, ValueTask<ReadOnlyMemory<byte>> pending)
    {
        try
        {
            ReadOnlyMemory<byte> answer = await pending.ConfigureAwait(false);
            while (!TryReply(request, answer))
            {
                await writer.RoomAsync().ConfigureAwait(false);
            }
        }
        catch (Exception e)
        {
            Fault(request, e);
        }
    }
#pragma warning restore CA1031

    private bool TryReply(InboundRequest request, ReadOnlyMemory<byte> answer)
    {
        if (answer.Length > ChannelProtocol.MaxPayload)
        {
            Fault(request, new PeerRequestException(
                0, $"The answer has {answer.Length} bytes; {ChannelProtocol.MaxPayload} is the most."));
            return true;
        }

        if (!writer.HasControlRoom)
        {
            return false;
        }

        // Forgotten before the answer can reach the peer, which may then use the id again.
        Forget(request);
        if (!writer.TryAppendReply(FrameKind.Reply, request.Id, answer.Span))
        {
            Remember(request);
            return false;
        }

        Recycle(request);
        return true;
    }

    private void Fault(InboundRequest request, Exception failure)
    {
        byte[] payload = failure is PeerRequestException known
            ? FramePayload.Code(known.Code, known.Message)
            : FramePayload.Code(0, string.Empty);
        Forget(request);
        writer.AppendControl(FrameKind.Fault, request.Id, payload);
        Recycle(request);
    }

    private void Forget(InboundRequest request)
    {
        lock (_running)
        {
            _running.Remove(request.Id);
        }
    }

    private void Remember(InboundRequest request)
    {
        lock (_running)
        {
            _running.TryAdd(request.Id, request);
        }
    }

    // The answer may lie in the request's own body: that goes back only now, after the copy.
    private void Recycle(InboundRequest request)
    {
        if (request.Reset())
        {
            lock (_running)
            {
                if (!_closed && _free.Count < Kept)
                {
                    _free.Push(request);
                }
            }
        }

        writer.Flush();
    }
}
