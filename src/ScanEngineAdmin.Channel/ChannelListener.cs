using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using ScanEngineAdmin.Channel.Handshake;

namespace ScanEngineAdmin.Channel;

/// <summary>Accepts peers on one endpoint: bounded handshakes, then the verdict is the owner's.</summary>
public sealed class ChannelListener : IAsyncDisposable
{
    // Out of descriptors or memory: trying again at once would only burn the CPU that could free some.
    private static readonly TimeSpan AcceptPause = TimeSpan.FromMilliseconds(250);

    // As long as none of them failed: only then a failure is news. One free descriptor that comes and goes is not.
    private static readonly TimeSpan Well = TimeSpan.FromMinutes(1);

    private readonly Socket _socket;
    private readonly Func<Socket, CancellationToken, ValueTask<Socket>> _accept;
    private readonly ChannelOptions _options;
    private readonly AcceptContext _context;
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationToken _stop;
    private readonly ArrivalRing _arrivals;
    private readonly Task _accepting;
    private int _disposed;

    private ChannelListener(
        Socket socket,
        NodeKeys keys,
        ChannelRuntime runtime,
        Func<IncomingPeer, CancellationToken, Task> decide,
        Func<Socket, CancellationToken, ValueTask<Socket>>? accept)
    {
        _socket = socket;
        _accept = accept ?? (static (listening, token) => listening.AcceptAsync(token));
        _options = runtime.Options;
        _stop = _stopping.Token;
        _arrivals = new ArrivalRing(runtime.Options.Time);
        EndPoint = (IPEndPoint)socket.LocalEndPoint!;
        _context = new AcceptContext(
            keys,
            runtime,
            new HandshakeGate(runtime.Options, OpenFiles.Limit()),
            decide,
            Report);
        _accepting = Task.Run(AcceptAsync);
    }

    /// <summary>The endpoint bound (the real port when 0 was asked for).</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>
    /// Called for connections that ended before their hello was understood, with the reason and the remote address.
    /// </summary>
    public Action<ChannelException, IPAddress>? HandshakeFailed { get; set; }

    /// <summary>
    /// The last connections that arrived here, oldest first, and since when none is missing from them. What a filter
    /// drops never arrives.
    /// </summary>
    public (IReadOnlyList<Arrival> Arrivals, DateTimeOffset CompleteSince) Arrivals => _arrivals.Read();

    /// <summary>Connections without a verdict yet. These are for tests: a peer is told nothing of its place.</summary>
    internal int Undecided => _context.Gate.Count;

    /// <summary>Those of them that are within TLS and wait for their peers.</summary>
    internal int Parked => _context.Gate.Places.Parked;

    /// <summary>Those of them that wait for a place within TLS.</summary>
    internal int Waiting => _context.Gate.Places.Waiting;

    /// <summary>Whether connections of that address go before strangers.</summary>
    internal bool IsKnown(IPAddress address) => _context.Gate.Places.IsKnown(address);

    /// <summary>Binds and listens; <paramref name="decide"/> runs for every peer that has said hello.</summary>
    /// <exception cref="ChannelException">PortInUse, AddressNotAvailable.</exception>
    public static ChannelListener Start(
        IPEndPoint endPoint,
        NodeIdentity identity,
        ChannelRuntime runtime,
        Func<IncomingPeer, CancellationToken, Task> decide)
    {
        ArgumentNullException.ThrowIfNull(identity);
        return Start(endPoint, new NodeKeys(identity), runtime, decide);
    }

    /// <summary>
    /// As above, for a node whose identity may be exchanged while it listens; <paramref name="keys"/> stay the
    /// caller's.
    /// </summary>
    /// <exception cref="ChannelException">PortInUse, AddressNotAvailable.</exception>
    public static ChannelListener Start(
        IPEndPoint endPoint,
        NodeKeys keys,
        ChannelRuntime runtime,
        Func<IncomingPeer, CancellationToken, Task> decide) => Start(endPoint, keys, runtime, decide, null);

    /// <summary>As above; tests give their own way to accept.</summary>
    internal static ChannelListener Start(
        IPEndPoint endPoint,
        NodeKeys keys,
        ChannelRuntime runtime,
        Func<IncomingPeer, CancellationToken, Task> decide,
        Func<Socket, CancellationToken, ValueTask<Socket>>? accept)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentNullException.ThrowIfNull(runtime);
        ArgumentNullException.ThrowIfNull(decide);
        return new ChannelListener(ListenerSocket.Bind(endPoint), keys, runtime, decide, accept);
    }

    /// <summary>Stops accepting, frees the port, ends unfinished handshakes. Channels made here live on.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 1)
        {
            return;
        }

        _socket.Dispose();
        await _stopping.CancelAsync().ConfigureAwait(false);
        try
        {
            await _accepting.WaitAsync(_options.CloseTimeout, _options.Time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The port is free all the same; what still runs ends by its own deadline.
        }

        _stopping.Dispose();
    }

    [SuppressMessage(
        "Design", "CA1031:Do not catch general exception types", Justification = "A listener that dies is an outage.")]
    private async Task AcceptAsync()
    {
        long? failed = null;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                Socket accepted = await _accept(_socket, _stop).ConfigureAwait(false);
                Serve(accepted);
            }
            catch (Exception) when (_stop.IsCancellationRequested || Volatile.Read(ref _disposed) == 1)
            {
                return;
            }
            catch (Exception e)
            {
                // What nobody heard, as the owner had not asked to be told yet, is still to be said.
                if (HandshakeFailed is not null)
                {
                    if (failed is not { } last || _options.Time.GetElapsedTime(last) >= Well)
                    {
                        Report(IncomingFailure.Accepting(EndPoint, e), EndPoint.Address);
                    }

                    failed = _options.Time.GetTimestamp();
                }

                await PauseAsync().ConfigureAwait(false);
            }
        }
    }

    private void Serve(Socket accepted)
    {
        IPEndPoint remote;
        try
        {
            accepted.NoDelay = true;
            remote = PlainAddress.Of((IPEndPoint)accepted.RemoteEndPoint!);
        }
        catch (SocketException)
        {
            // It has gone again between the kernel's queue and here.
            accepted.Dispose();
            return;
        }

        _arrivals.Add(remote);
        HandshakeGate.Admission? admission = _context.Gate.TryEnter(remote.Address, out string limit);
        if (admission is null)
        {
            accepted.Dispose();
            Report(IncomingFailure.TooMany(remote.ToString(), limit), remote.Address);
            return;
        }

        // Its faults are all reported inside; nothing is awaited here, so that the next one is accepted.
        _ = Task.Run(() =>
            new IncomingHandshake(_context, new SocketStream(accepted), remote, admission).RunAsync(_stop));
    }

    private async Task PauseAsync()
    {
        try
        {
            await Task.Delay(AcceptPause, _options.Time, _stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The loop sees it.
        }
    }

    [SuppressMessage(
        "Design", "CA1031:Do not catch general exception types", Justification = "A log's fault is not the peer's.")]
    private void Report(ChannelException reason, IPAddress remote)
    {
        try
        {
            HandshakeFailed?.Invoke(reason, remote);
        }
        catch (Exception)
        {
            // There is nobody left to tell.
        }
    }
}
