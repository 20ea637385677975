using ScanEngineAdmin.Channel.Wire;

namespace ScanEngineAdmin.Channel.Streams;

/// <summary>
/// The streams that are not finished. Under the writer's gate, for what is opened or reset is also sent.
/// </summary>
internal sealed class StreamTable(PeerChannel channel, FrameWriter writer, ChannelOptions options, bool dialled)
{
    private readonly Dictionary<uint, ChannelStream> _streams = [];

    // Of the peer's, opened while too many handlers of given-up streams still ran.
    private readonly Queue<ChannelStream> _waiting = new();
    private uint _nextOurs = dialled ? 1u : 2u;
    private uint _lastTheirs;
    private int _ours;
    private int _theirs;
    private int _handling;

    public LargestWindow LargestWindow { get; } = new();

    public int Count => _streams.Count;

    /// <summary>The peer's streams that wait for handlers to end. For tests: nobody sees how many are remembered.</summary>
    public int Waiting
    {
        get
        {
            lock (writer.Gate)
            {
                return _waiting.Count;
            }
        }
    }

    public async ValueTask<ChannelStream> OpenAsync(
        ushort kind, ReadOnlyMemory<byte> header, CancellationToken cancellationToken)
    {
        if (header.Length > FramePayload.MaxOpenHeader)
        {
            throw new ArgumentException(
                $"A stream's header has at most {FramePayload.MaxOpenHeader} bytes.", nameof(header));
        }

        cancellationToken.ThrowIfCancellationRequested();
        byte[] copy = header.ToArray();
        ChannelStream stream;
        ValueTask opened;
        lock (writer.Gate)
        {
            if (channel.Fault is not null)
            {
                throw channel.Ended();
            }

            if (_ours >= options.MaxStreams)
            {
                throw channel.Error(
                    ChannelFault.LimitReached, $"{options.MaxStreams} streams are open already: finish one first.");
            }

            if (_nextOurs > uint.MaxValue - 2)
            {
                throw channel.Error(ChannelFault.LimitReached, "All stream ids are used: open a new channel.");
            }

            stream = new ChannelStream(channel, kind, copy, isOurs: true, _nextOurs, credit: 0);
            _nextOurs += 2;
            _ours++;
            _streams.Add(stream.Id, stream);
            opened = stream.Sending.OpenAsync(cancellationToken);
        }

        writer.Flush();
        await opened.ConfigureAwait(false);
        return stream;
    }

    public string? TakeOpen(uint id, ReadOnlySpan<byte> payload)
    {
        if (!FramePayload.TryReadOpen(payload, out ushort kind, out uint credit, out ReadOnlySpan<byte> header))
        {
            return "an opening frame that is not well-formed";
        }

        ChannelStream stream;
        lock (writer.Gate)
        {
            if (!IsTheirs(id) || id <= _lastTheirs)
            {
                return $"stream id {id}, which is not the peer's to open now";
            }

            _lastTheirs = id;
            if (channel.Fault is not null)
            {
                return null;
            }

            if (_theirs >= options.MaxStreams)
            {
                writer.AppendReset(id, -1, FramePayload.Code(0, $"{options.MaxStreams} streams are open already."));
                return null;
            }

            stream = new ChannelStream(channel, kind, header.ToArray(), isOurs: false, id, credit);
            _theirs++;
            _streams.Add(id, stream);

            // A stream that the peer has given up is not over before its handler has noticed. What is opened meanwhile
            // waits for a place: its opener may have given up nothing, and others of the peer's have.
            if (_handling >= 2 * options.MaxStreams)
            {
                Wait(stream);
                return null;
            }

            Begin(stream);
        }

        channel.Batches.AddHandler(stream);
        return null;
    }

    public string? TakeData(uint id, ReadOnlySpan<byte> payload)
    {
        if (payload.IsEmpty)
        {
            return "an empty data frame";
        }

        string? violation = Find(id, out ChannelStream? stream);
        return violation ?? stream?.Receiving.Receive(payload);
    }

    public string? TakeCredit(uint id, ReadOnlySpan<byte> payload)
    {
        if (!FramePayload.TryReadCredit(payload, out uint credit))
        {
            return "a credit frame that is not well-formed";
        }

        lock (writer.Gate)
        {
            string? violation = Find(id, out ChannelStream? stream);
            return violation is null && stream?.Sending.TryAddCredit(credit) == false
                ? $"credit beyond {int.MaxValue} on stream {id}"
                : violation;
        }
    }

    public string? TakeEnd(uint id, ReadOnlySpan<byte> payload)
    {
        if (!payload.IsEmpty)
        {
            return "an end frame with a payload";
        }

        string? violation = Find(id, out ChannelStream? stream);
        if (stream is not null)
        {
            violation = stream.Receiving.End();
            lock (writer.Gate)
            {
                RemoveIfFinished(stream);
            }
        }

        return violation;
    }

    public string? TakeReset(uint id, ReadOnlySpan<byte> payload)
    {
        if (!FramePayload.TryReadCode(payload, out ushort code, out string text))
        {
            return "a reset frame without a code";
        }

        ChannelStream? stream;
        lock (writer.Gate)
        {
            string? violation = Find(id, out stream);
            if (stream is null)
            {
                return violation;
            }

            Remove(stream);
        }

        stream.Fail(channel.Error(ChannelFault.StreamReset, $"The peer gave the stream up: {text}", code), false);
        return null;
    }

    /// <summary>Takes the stream out and tells the peer; false if it was finished already.</summary>
    public bool ResetHere(ChannelStream stream, ReadOnlySpan<byte> payload)
    {
        lock (writer.Gate)
        {
            if (!Remove(stream))
            {
                return false;
            }

            if (!stream.Sending.NeverOpened)
            {
                writer.AppendReset(stream.Id, stream.Sending.OpenedIn, payload);
            }

            return true;
        }
    }

    /// <summary>The handler of one of the peer's streams has ended: its place is the next one's that waits.</summary>
    public void Handled()
    {
        ChannelStream? next = null;
        lock (writer.Gate)
        {
            _handling--;
            while (next is null && _waiting.TryDequeue(out ChannelStream? waited))
            {
                next = _streams.ContainsKey(waited.Id) ? waited : null;
            }

            if (next is not null)
            {
                Begin(next);
            }
        }

        if (next is not null)
        {
            writer.Flush();
            channel.Batches.Post(next);
        }
    }

    public void EndedHere(ChannelStream stream) => RemoveIfFinished(stream);

    public void FailAll(Exception failure)
    {
        ChannelStream[] all;
        lock (writer.Gate)
        {
            all = [.. _streams.Values];
            _streams.Clear();
        }

        foreach (ChannelStream stream in all)
        {
            stream.Fail(failure, keepReceived: true);
        }
    }

    // Frames for a stream that is over may have crossed its end on the way; for one that never was they are wrong.
    private string? Find(uint id, out ChannelStream? stream)
    {
        lock (writer.Gate)
        {
            if (_streams.TryGetValue(id, out stream))
            {
                return null;
            }

            bool known = id != 0 && (IsTheirs(id) ? id <= _lastTheirs : id < _nextOurs);
            return known ? null : $"a frame for stream {id}, which was never opened";
        }
    }

    // Under the writer's gate. Those that were given up while they waited go when they are most.
    private void Wait(ChannelStream stream)
    {
        if (_waiting.Count >= 2 * options.MaxStreams)
        {
            ChannelStream[] alive = _waiting.Where(waiting => _streams.ContainsKey(waiting.Id)).ToArray();
            _waiting.Clear();
            foreach (ChannelStream waiting in alive)
            {
                _waiting.Enqueue(waiting);
            }
        }

        _waiting.Enqueue(stream);
    }

    // Under the writer's gate. Without credit the peer can send nothing, so one that waits holds nothing.
    private void Begin(ChannelStream stream)
    {
        _handling++;
        writer.AppendCredit(stream.Id, (uint)options.InitialWindow);
    }

    private bool IsTheirs(uint id) => id != 0 && (id % 2 == 1) != dialled;

    private void RemoveIfFinished(ChannelStream stream)
    {
        if (stream.Sending.HasEnded && stream.Receiving.HasEnded)
        {
            Remove(stream);
        }
    }

    private bool Remove(ChannelStream stream)
    {
        if (!_streams.Remove(stream.Id))
        {
            return false;
        }

        if (stream.IsOurs)
        {
            _ours--;
        }
        else
        {
            _theirs--;
        }

        return true;
    }
}
