using System.Net;
using System.Net.Sockets;
using ScanEngineAdmin.Domain.Faults;

namespace ScanEngineAdmin.Scanning.Connect;

/// <summary>
/// How many attempts at once this host can bear. It halves at most once a tick when sockets or ports run out, grows
/// again by an eighth, and gives up when nothing has gone through for long. Used under the run's lock.
/// </summary>
internal sealed class LocalShortage
{
    /// <summary>Longer than the 60 s that ports stay in TIME_WAIT after something else used them up.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly int _parallelism;
    private readonly TimeProvider _time;
    private long _since;
    private bool _met;
    private SocketError _error;
    private IPAddress? _address;

    public LocalShortage(int parallelism, TimeProvider time)
    {
        _parallelism = parallelism;
        _time = time;
        Limit = parallelism;
    }

    public int Limit { get; private set; }

    public void Meet(SocketError error, IPAddress address)
    {
        if (_error == SocketError.Success)
        {
            _since = _time.GetTimestamp();
        }

        _met = true;
        _error = error;
        _address = address;
    }

    public void Progress() => _error = SocketError.Success;

    public ScanEngineException? Tick()
    {
        Limit = _met ? Math.Max(1, Limit / 2) : Math.Min(_parallelism, Limit + Math.Max(1, Limit / 8));
        _met = false;
        if (_error == SocketError.Success || _time.GetElapsedTime(_since) < Patience)
        {
            return null;
        }

        return new ScanEngineException(
            FaultCode.ScanFailed,
            $"The engine host could start no connection to {_address} for {Patience.TotalSeconds:0} s: {_error}.",
            "Free sockets and local ports on the engine host, raise its limit of open files, or check that it has an "
            + "address of that family; then start the scan again.",
            _address?.ToString());
    }
}
