using System.Net;
using System.Net.Sockets;
using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Scanning.Connect;

/// <summary>
/// One connection attempt at a time, over and over: it takes the next unit itself, so that no thread hands out work.
/// SocketAsyncEventArgs because a refused port must not cost an exception, and there are many.
/// </summary>
internal sealed class Probe : SocketAsyncEventArgs, IThreadPoolWorkItem
{
    /// <summary>After so many units that ended at once, others get the thread.</summary>
    private const int Streak = 64;

    private readonly object _gate = new();
    private readonly ProbeRun _run;
    private readonly IPEndPoint _remote = new(IPAddress.Any, 0);
    private readonly SocketConnect _connect;
    private Socket? _socket;
    private byte[]? _banner;
    private int _said;
    private long _started;
    private long _deadline;
    private long _heardUntil;
    private bool _expired;
    private SelectMode _answer;
    private TimeSpan _roundTrip;

    public Probe(ProbeRun run, SocketConnect connect)
        : base(true)
    {
        _run = run;
        _connect = connect;
        RemoteEndPoint = _remote;
    }

    /// <summary>Set by the run when it hands out a unit.</summary>
    public long Unit { get; private set; }

    public void Assign(long unit, IPAddress address, int port)
    {
        Unit = unit;
        _remote.Address = address;
        _remote.Port = port;
    }

    public void Execute() => Guarded(static probe => probe.TakeUnits());

    /// <summary>Called by the sweep: closing the socket ends the operation under way.</summary>
    public void CloseIfDue(long now)
    {
        Socket? late = null;
        lock (_gate)
        {
            if (_deadline == 0 || now < _deadline)
            {
                return;
            }

            if (!_run.Stopping && IsAnswered())
            {
                // The target answered in time and this host is behind: the completion is on its way.
                _deadline = now + _run.ConnectLimit;
                return;
            }

            _deadline = 0;
            _expired = true;
            late = _socket;
        }

        late?.Dispose();
    }

    protected override void OnCompleted(SocketAsyncEventArgs e) => Guarded(static probe =>
    {
        if (probe.LastOperation == SocketAsyncOperation.Receive ? probe.Received() : probe.Connected())
        {
            probe.TakeUnits();
        }
    });

    /// <summary>Nobody stands above a pool thread: what is thrown there would end the engine's process.</summary>
    private void Guarded(Action<Probe> action)
    {
        try
        {
            action(this);
        }
        catch (Exception fault)
        {
            _run.Fail(fault);
        }
    }

    private void TakeUnits()
    {
        int streak = 0;
        while (_run.TryTake(this))
        {
            if (!StartConnect() || !Connected())
            {
                return;
            }

            if (++streak == Streak)
            {
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
                return;
            }
        }
    }

    /// <summary>True when the outcome is there already.</summary>
    private bool StartConnect()
    {
        _started = _run.Now;
        try
        {
            var socket = new Socket(_remote.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            Arm(socket, _run.ProcessTime + _run.ConnectLimit, SelectMode.SelectWrite);
            return !_connect(socket, this);
        }
        catch (SocketException e)
        {
            SocketError = e.SocketErrorCode;
            return true;
        }
        catch (ObjectDisposedException)
        {
            // The sweep was faster than the system call.
            SocketError = SocketError.OperationAborted;
            return true;
        }
    }

    /// <summary>True when the unit is done, false while its banner is awaited or when this host must rest.</summary>
    private bool Connected()
    {
        bool inTime = Disarm();
        SocketError error = SocketError;
        if (error != SocketError.Success)
        {
            _socket?.Dispose();
            _socket = null;
            if (ConnectVerdict.IsLocalShortage(error))
            {
                _run.Postpone(this, error, _remote.Address);
                return false;
            }

            PortState state = ConnectVerdict.State(error);
            _run.Complete(
                Unit, state, state == PortState.Closed ? _run.RoundTrip(_started) : null, null, cutOff: false);
            return true;
        }

        _roundTrip = _run.RoundTrip(_started);
        _said = 0;
        if (!Settle())
        {
            return Finish(PortState.Closed);
        }

        _heardUntil = _run.ProcessTime + _run.BannerLimit;

        // An answer that came while the sweep closed the socket leaves nothing to listen to.
        return _run.BannerLimit == 0 || !inTime ? Finish(PortState.Open) : Listen();
    }

    private bool Listen()
    {
        _banner ??= new byte[BannerText.MaxRead];
        try
        {
            Arm(_socket!, _heardUntil, SelectMode.SelectRead);
            SetBuffer(_banner, _said, _banner.Length - _said);
            return !_socket!.ReceiveAsync(this) && Received();
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            Disarm();
            return Finish(PortState.Open);
        }
    }

    private bool Received()
    {
        bool inTime = Disarm();

        // What was read before the socket was closed counts, however late this thread comes to it.
        int read = SocketError == SocketError.Success ? BytesTransferred : 0;
        _said += read;

        // A greeting ends with its line; waiting on for more would cost the whole limit at every open port.
        bool more = inTime && read > 0 && _said < _banner!.Length && _banner[_said - 1] != (byte)'\n';
        return more ? Listen() : Finish(PortState.Open);
    }

    private bool Finish(PortState state)
    {
        SetBuffer(null, 0, 0);
        _socket!.Dispose();
        _socket = null;
        _run.Complete(
            Unit, state, _roundTrip, _said == 0 ? null : BannerText.From(_banner.AsSpan(0, _said)), WasCutOff());
        return true;
    }

    /// <summary>
    /// False for a socket that is connected to itself: a scan of this host can be given the very port it asks for as
    /// its own, and then nothing listens there.
    /// </summary>
    private bool Settle()
    {
        try
        {
            // A reset, not a farewell: the side that closes first keeps the port for a minute in TIME_WAIT, and a scan
            // of many open ports would run this host out of them. The peer's state goes at once too.
            _socket!.LingerState = new LingerOption(true, 0);
            return !_remote.Equals(_socket.LocalEndPoint);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Reset by the peer already: it was open all the same.
            return true;
        }
    }

    /// <summary>A stop closed the socket before the port was heard out.</summary>
    private bool WasCutOff()
    {
        lock (_gate)
        {
            return _expired && _run.Stopping;
        }
    }

    private bool IsAnswered()
    {
        try
        {
            return _socket!.Poll(0, _answer);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }

    private void Arm(Socket socket, long deadline, SelectMode answer)
    {
        lock (_gate)
        {
            _answer = answer;
            _socket = socket;
            _expired = false;
            _deadline = _run.Stopping ? 1 : deadline;
        }
    }

    private bool Disarm()
    {
        lock (_gate)
        {
            _deadline = 0;
            return !_expired;
        }
    }
}
