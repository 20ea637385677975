using System.Net.Sockets;
using ScanEngineAdmin.Channel.Life;
using ScanEngineAdmin.Channel.Requests;
using ScanEngineAdmin.Channel.Streams;
using ScanEngineAdmin.Channel.Wire;

namespace ScanEngineAdmin.Channel;

/// <summary>
/// One authenticated channel, the same whichever side dialled: requests both ways, streams both ways, heartbeats. The
/// first fault wins, fails everything pending, and completes <see cref="Completion"/>.
/// </summary>
public sealed class PeerChannel : IAsyncDisposable
{
#pragma warning disable CA2213 // Disposed in EndAsync, which every end goes through.
    private readonly Stream _transport;
#pragma warning restore CA2213
    private readonly FrameReader _reader;
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ChannelException? _fault;

    internal PeerChannel(Stream transport, PeerInfo peer, IPeerHandler handler, ChannelRuntime runtime)
    {
        ChannelOptions options = runtime.Options;
        _transport = transport;
        Peer = peer;
        Handler = handler;
        Runtime = runtime;
        Writer = new FrameWriter(transport, this, options);
        Batches = new WorkBatches(this);
        Requests = new PendingRequests(this, Writer, options);
        Inbound = new InboundRequests(this, Writer, options);
        Streams = new StreamTable(this, Writer, options, peer.Dialled);
        Heartbeat = new Heartbeat(this, options);
        _reader = new FrameReader(transport, this, new FrameDispatch(this), Batches);
        Watch = new SweepEntry(runtime.Sweep, this);
    }

    public PeerInfo Peer { get; }

    /// <summary>Ends when the channel ends, never faulted; then <see cref="Fault"/> says why.</summary>
    public Task Completion => _completion.Task;

    /// <summary>Why the channel ended; null while it lives.</summary>
    public ChannelException? Fault => Volatile.Read(ref _fault);

    /// <summary>When the last full round trip ended.</summary>
    public DateTimeOffset LastRoundTrip => Heartbeat.LastRoundTrip;

    /// <summary>What TCP knows of this connection now; null where the system does not tell.</summary>
    public TransportFacts? Transport => Socket is { } socket ? TransportFacts.Of(socket) : null;

    /// <summary>What the transport runs on, where it is a socket; the transport owns it.</summary>
    internal Socket? Socket { get; init; }

    /// <summary>The times and limits that it was opened with.</summary>
    public ChannelOptions Options => Runtime.Options;

    internal IPeerHandler Handler { get; }

    internal ChannelRuntime Runtime { get; }

    internal FrameWriter Writer { get; }

    internal WorkBatches Batches { get; }

    internal PendingRequests Requests { get; }

    internal InboundRequests Inbound { get; }

    internal StreamTable Streams { get; }

    internal Heartbeat Heartbeat { get; }

    internal SweepEntry Watch { get; }

    /// <summary>Until when nothing can become overdue if nothing happens; 0 while something is under way.</summary>
    internal long RestsUntil => Fault is null && Requests.IsIdle && Writer.IsIdle && Batches.IsIdle && !_reader.IsBusy
        ? Heartbeat.Due
        : 0;

    /// <summary>Sends a request and waits for the answer, which the caller disposes.</summary>
    /// <exception cref="ChannelException">RequestTimedOut, RequestFailed, or the channel's fault.</exception>
    public ValueTask<Payload> RequestAsync(
        ushort method, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
        Requests.SendAsync(method, body, cancellationToken);

    /// <summary>Opens a stream; <paramref name="header"/> (at most 4 KiB) arrives with it.</summary>
    public ValueTask<ChannelStream> OpenStreamAsync(
        ushort kind, ReadOnlyMemory<byte> header, CancellationToken cancellationToken) =>
        Streams.OpenAsync(kind, header, cancellationToken);

    /// <summary>A full round trip; returns how long it took.</summary>
    public Task<TimeSpan> PingAsync(CancellationToken cancellationToken) => Heartbeat.PingAsync(cancellationToken);

    /// <summary>Says goodbye with a reason, writes out what is queued (bounded), closes.</summary>
    public Task CloseAsync(RefusalCode code, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        End(Error(ChannelFault.Closed, $"This side closed the channel: {text}"), new Refusal(code, text));
        return Completion;
    }

    public ValueTask DisposeAsync() => new(CloseAsync(RefusalCode.Unspecified, "The channel is no longer needed."));

    internal void Start()
    {
        Watch.Begin();

        // Without the caller's context: the loop lives longer than whoever starts it.
        ThreadPool.UnsafeQueueUserWorkItem(_reader, preferLocal: false);
        Heartbeat.Start();
    }

    internal void Sweep(long now)
    {
        if (Fault is null)
        {
            Requests.Sweep(now);
            Heartbeat.Sweep(now);
            Writer.Sweep(now);
        }

        _reader.Sweep();
        Batches.Sweep();
    }

    internal void Fail(ChannelFault fault, string message, Exception? inner = null)
    {
        if (Fault is null)
        {
            End(new ChannelException(fault, ChannelStage.Open, Peer.Remote.ToString(), message, inner), null);
        }
    }

    internal void PeerClosed(Refusal refusal) => End(
        new ChannelException(
            ChannelFault.Closed,
            ChannelStage.Open,
            Peer.Remote.ToString(),
            $"The peer closed the channel: {refusal.Text}")
        {
            Refusal = refusal,
        },
        null);

    internal ChannelException Error(ChannelFault fault, string message, int peerCode = 0) =>
        new(fault, ChannelStage.Open, Peer.Remote.ToString(), message) { PeerCode = peerCode };

    /// <summary>An own exception for each who meets it: one object thrown at many places has nobody's stack.</summary>
    internal static ChannelException Copy(ChannelException known) =>
        new(known.Fault, known.Stage, known.EndPoint, known.Message, known.InnerException)
        {
            Refusal = known.Refusal,
            PeerCode = known.PeerCode,
        };

    internal ChannelException Ended() => Copy(Fault!);

    private void End(ChannelException fault, Refusal? goodbye)
    {
        if (Interlocked.CompareExchange(ref _fault, fault, null) is null)
        {
            // Whoever found the fault may hold a lock, and what follows wakes all that wait.
            ThreadPool.UnsafeQueueUserWorkItem(
                static state => _ = state.Channel.EndAsync(state.Goodbye), (Channel: this, Goodbye: goodbye), false);
        }
    }

    // Whatever closing meets, the channel must end: nothing that is thrown here could be told to anybody.
#pragma warning disable CA1031
    private async Task EndAsync(Refusal? goodbye)
    {
        Requests.FailAll();
        Streams.FailAll(Fault!);
        Inbound.CancelAll();
        Heartbeat.FailAll();
        try
        {
            if (goodbye is not null)
            {
                // The peer closes once it has read the goodbye. Closing first could destroy it on its way.
                Task said = Writer.FinishAsync(FramePayload.Code((int)goodbye.Code, goodbye.Text));
                await Task.WhenAll(said, _reader.Ended)
                    .WaitAsync(Runtime.Options.CloseTimeout, Runtime.Options.Time).ConfigureAwait(false);
            }
        }
        catch (TimeoutException)
        {
        }

        Writer.Close();
        try
        {
            await _transport.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception)
        {
        }

        Watch.End();
        _completion.TrySetResult();
    }
#pragma warning restore CA1031
}
