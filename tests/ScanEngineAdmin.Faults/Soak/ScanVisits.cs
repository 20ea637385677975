using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace ScanEngineAdmin.Faults.Soak;

/// <summary>Who visited the targets of one scan, how often, and whether twice at once.</summary>
internal sealed class ScanVisits(int units, int ports, bool isShared)
{
    private readonly object _gate = new();
    private readonly int[] _counts = new int[units];
    private readonly List<(int Unit, Socket Visitor)> _open = [];
    private readonly HashSet<IPAddress> _visitors = [];
    private readonly List<string> _wrong = [];
    private bool _over;

    /// <summary>The visits of the unit that was visited most.</summary>
    public int Most
    {
        get
        {
            lock (_gate)
            {
                return _counts.Max();
            }
        }
    }

    /// <summary>What says that the scan ran twice at once, or when it was over.</summary>
    public IReadOnlyList<string> Wrong
    {
        get
        {
            lock (_gate)
            {
                return [.. _wrong];
            }
        }
    }

    /// <summary>The console says that the scan is over: from now on nobody has any business here.</summary>
    public void Over()
    {
        lock (_gate)
        {
            _over = true;
        }
    }

    public void Begin(int unit, Socket visitor, IPAddress from)
    {
        lock (_gate)
        {
            _counts[unit]++;
            if (_open.Exists(other => other.Unit == unit && IsOpen(other.Visitor)))
            {
                _wrong.Add(Name(unit, "was visited twice at once"));
            }

            if (_visitors.Add(from) && _visitors.Count > 1 && !isShared)
            {
                _wrong.Add(Name(unit, $"was visited by {from} too"));
            }

            if (_over)
            {
                _wrong.Add(Name(unit, "was visited when the scan was over"));
            }

            _open.Add((unit, visitor));
        }
    }

    public void End(int unit, Socket visitor)
    {
        lock (_gate)
        {
            _open.Remove((unit, visitor));
        }
    }

    // A visitor that was killed may be gone though this process has not heard of it yet.
    private static bool IsOpen(Socket visitor)
    {
        try
        {
            return !visitor.Poll(0, SelectMode.SelectRead);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }

    private string Name(int unit, string what) =>
        string.Create(CultureInfo.InvariantCulture, $"host {unit / ports}, port {9000 + (unit % ports)} {what}");
}
