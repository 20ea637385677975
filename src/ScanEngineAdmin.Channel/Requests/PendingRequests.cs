using System.Diagnostics.CodeAnalysis;
using ScanEngineAdmin.Channel.Wire;

namespace ScanEngineAdmin.Channel.Requests;

/// <summary>Our requests: who waits for which answer, who waits for a place, and what is overdue.</summary>
internal sealed class PendingRequests(PeerChannel channel, FrameWriter writer, ChannelOptions options)
{
    private const int Kept = 256;
    private readonly object _gate = new();
    private readonly Stack<PendingRequest> _free = new();
    private readonly LinkedList<PendingRequest> _waiting = new();
    private readonly RequestSlots _slots = new(options.MaxRequestsOut);
    private volatile bool _anyWaiting;
    private bool _closed;
    private long _oldest;

    public bool IsIdle => _slots.Count == 0 && !_anyWaiting;

    public ValueTask<Payload> SendAsync(ushort method, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        const int MaxBody = ChannelProtocol.MaxPayload - FramePayload.RequestPrefix;
        if (body.Length > MaxBody)
        {
            throw new ArgumentException($"A request's body has at most {MaxBody} bytes.", nameof(body));
        }

        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<Payload>(cancellationToken);
        }

        PendingRequest request;
        long now = options.Time.GetTimestamp();
        lock (_gate)
        {
            if (_closed)
            {
                return ValueTask.FromException<Payload>(channel.Ended());
            }

            request = _free.Count > 0 ? _free.Pop() : new PendingRequest(this);
            request.Begin(method, body, now, cancellationToken);
            if (_anyWaiting || !TrySend(request))
            {
                _waiting.AddLast(request);
                _anyWaiting = true;
            }
        }

        if (cancellationToken.CanBeCanceled)
        {
            request.Watch(cancellationToken);
        }

        // Whoever made room just before this request waited for room saw no request that waits.
        SendWaiting();
        channel.Heartbeat.Accompany(now);
        writer.Flush();
        return new ValueTask<Payload>(request, request.Version);
    }

    /// <summary>For the flusher and whoever freed a place. What is appended here still has to be flushed.</summary>
    public void SendWaiting()
    {
        if (!_anyWaiting)
        {
            return;
        }

        lock (_gate)
        {
            while (_waiting.First is { } first && TrySend(first.Value))
            {
                _waiting.RemoveFirst();
            }

            _anyWaiting = _waiting.Count > 0;
        }
    }

    public string? TakeReply(uint id, ReadOnlySpan<byte> body)
    {
        if (TryAnswer(id, out PendingRequest? request))
        {
            request.Answer(Payload.Copy(body));
            channel.Batches.AddCompletion(request);
        }

        SendWaiting();
        return null;
    }

    public string? TakeFault(uint id, ReadOnlySpan<byte> payload)
    {
        if (!FramePayload.TryReadCode(payload, out ushort code, out string text))
        {
            return "a fault frame without a code";
        }

        if (TryAnswer(id, out PendingRequest? request))
        {
            request.Fail(channel.Error(
                ChannelFault.RequestFailed,
                text.Length > 0 ? text : "The peer failed to answer the request and gave no detail.",
                code));
            channel.Batches.AddCompletion(request);
        }

        SendWaiting();
        return null;
    }

    public void Cancel(PendingRequest request)
    {
        lock (_gate)
        {
            if (!TryGiveUp(request))
            {
                return;
            }
        }

        request.Fail(new OperationCanceledException(request.Token));
        channel.Batches.Post(request);
        writer.Flush();
    }

    public void Sweep(long now)
    {
        lock (_gate)
        {
            if (_closed || (_slots.Count == 0 && !_anyWaiting)
                || options.Time.GetElapsedTime(_oldest, now) < options.RequestTimeout)
            {
                return;
            }

            _oldest = now;
            for (LinkedListNode<PendingRequest>? node = _waiting.First, next; node is not null; node = next)
            {
                next = node.Next;
                FailIfOverdue(node.Value, now);
            }

            for (int i = 0; i < _slots.Length; i++)
            {
                if (_slots[i] is { } request)
                {
                    FailIfOverdue(request, now);
                }
            }
        }

        writer.Flush();
    }

    public void FailAll()
    {
        lock (_gate)
        {
            _closed = true;
            for (int i = 0; i < _slots.Length; i++)
            {
                if (_slots[i] is { } request)
                {
                    _slots.Abandon(i);
                    End(request, channel.Ended());
                }
            }

            foreach (PendingRequest request in _waiting)
            {
                End(request, channel.Ended());
            }

            _waiting.Clear();
            _anyWaiting = false;
        }
    }

    public void Recycle(PendingRequest request)
    {
        lock (_gate)
        {
            if (_free.Count < Kept)
            {
                _free.Push(request);
            }
        }
    }

    private bool TrySend(PendingRequest request)
    {
        if (!writer.HasControlRoom || !_slots.TryTake(request, out uint id))
        {
            return false;
        }

        if (_slots.Count == 1)
        {
            _oldest = request.Started;
        }

        request.State = PendingRequest.Phase.Sent;
        writer.AppendRequest(id, request.Method, request.Body.Span);
        request.Body = default;
        return true;
    }

    private bool TryAnswer(uint id, [NotNullWhen(true)] out PendingRequest? request)
    {
        lock (_gate)
        {
            request = _slots.Free(id);
            if (request is not null)
            {
                request.State = PendingRequest.Phase.Done;
            }

            return request is not null;
        }
    }

    // The place stays taken until the peer has answered: it still counts the request, and so must this side.
    private bool TryGiveUp(PendingRequest request)
    {
        switch (request.State)
        {
            case PendingRequest.Phase.Waiting:
                _waiting.Remove(request);
                _anyWaiting = _waiting.Count > 0;
                break;
            case PendingRequest.Phase.Sent:
                writer.AppendControl(FrameKind.Cancel, _slots.Abandon(request.Slot), []);
                break;
            default:
                return false;
        }

        request.State = PendingRequest.Phase.Done;
        request.Body = default;
        return true;
    }

    private void FailIfOverdue(PendingRequest request, long now)
    {
        if (options.Time.GetElapsedTime(request.Started, now) < options.RequestTimeout)
        {
            _oldest = Math.Min(_oldest, request.Started);
            return;
        }

        bool sent = request.State == PendingRequest.Phase.Sent;
        double seconds = options.RequestTimeout.TotalSeconds;
        if (TryGiveUp(request))
        {
            End(request, sent
                ? channel.Error(ChannelFault.RequestTimedOut, $"The peer did not answer within {seconds:0} s.")
                : channel.Error(
                    ChannelFault.LimitReached,
                    $"{options.MaxRequestsOut} requests were in flight for {seconds:0} s: this one was not sent."));
        }
    }

    private void End(PendingRequest request, Exception failure)
    {
        request.State = PendingRequest.Phase.Done;
        request.Body = default;
        request.Fail(failure);
        channel.Batches.Post(request);
    }
}
