using ScanEngineAdmin.Channel;

namespace ScanEngineAdmin.Core.Nodes;

/// <summary>
/// Finds two nodes with one identity. A boot id is new at every start, so one that comes back after another was here
/// belongs to a process that lived all the while: there are two. One restart, however rough, never looks like that.
/// </summary>
internal sealed class TakeoverWatch
{
    private const int Kept = 8;
    private readonly object _gate = new();
    private readonly List<(Guid Boot, string Address)> _seen = [];

    /// <summary>Notes whose channel opened; what to tell the admin if it shows that there are two, else null.</summary>
    public string? Opened(PeerInfo peer)
    {
        (Guid Boot, string Address) now = (peer.Hello.BootId, ObservedAddress.Text(peer.Remote.Address));
        if (now.Boot == Guid.Empty)
        {
            return null;
        }

        lock (_gate)
        {
            int at = _seen.FindIndex(entry => entry.Boot == now.Boot);
            string? other = at >= 0 && at < _seen.Count - 1 ? _seen[^1].Address : null;
            if (at >= 0)
            {
                _seen.RemoveAt(at);
            }

            _seen.Add(now);
            if (_seen.Count > Kept)
            {
                _seen.RemoveAt(0);
            }

            return other is null
                ? null
                : $"two nodes with this identity take over from each other, at {other} and {now.Address}: "
                    + "a data folder was copied; stop one of them and pair it again with a folder of its own";
        }
    }
}
