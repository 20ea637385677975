using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Nodes;

namespace ScanEngineAdmin.Core.Console;

/// <summary>
/// What the console says of its contact with one engine: Active after a round trip, overdue when the next one does not
/// come in its time. The link, the polls, the dials and the sweep report to it, each on a thread of its own.
/// </summary>
internal sealed class LinkContact(ConsoleContext node, Guid pairingId, LinkChannels channels)
{
    private static readonly TimeSpan WarningStays = TimeSpan.FromHours(1);
    private static readonly TimeSpan LongestExpected = TimeSpan.FromDays(2);

    private readonly object _gate = new();
    private readonly TakeoverWatch _takeovers = new();
    private bool _recalled;
    private bool _responding;
    private DateTimeOffset? _due;
    private DateTimeOffset _last;
    private DateTimeOffset _seen;
    private (string Text, DateTimeOffset Until) _warning;
    private (PeerInfo? Peer, string Details, DateTimeOffset At) _written;
    private PeerInfo? _polls;
    private bool _unwritten;

    /// <summary>
    /// Something an admin has to see although the engine answers; it stays for an hour after the last time.
    /// </summary>
    public void Warn(string text)
    {
        lock (_gate)
        {
            _warning = (text, node.Steady + WarningStays);
        }
    }

    /// <summary>Notes whose channel was opened, and says so when two nodes have one identity.</summary>
    public void Opened(PeerInfo peer)
    {
        if (_takeovers.Opened(peer) is not { } twice)
        {
            return;
        }

        Warn(twice);
        node.LogPeer(pairingId, LogLevel.Error, Events.IdentityTwice, $"Engine {peer.Hello.Name}: {twice}.");
        if (node.Store.GetEngine(pairingId) is { } engine)
        {
            node.Audit(Events.IdentityTwice, engine, ObservedAddress.Text(peer.Remote.Address), twice);
        }
    }

    private void RecordRoundTrip(PeerChannel channel, string detail, DateTimeOffset due)
    {
        PeerInfo peer = channel.Peer;
        lock (_gate)
        {
            if (channel.Completion.IsCompleted)
            {
                // Why it ended may have been said already, and that was later.
                return;
            }

            _recalled = true;
            _responding = true;
            _due = due;
            _last = node.Now;
            string details = string.Join("; ", Details(detail));
            bool isNews = !ReferenceEquals(_written.Peer, peer) || _written.Details != details;
            _unwritten = !isNews && node.Steady - _written.At < node.Options.ContactRefresh;
            if (_unwritten)
            {
                return;
            }

            _written = (peer, details, node.Steady);
            node.Contacts.Put(new EngineContact(
                pairingId,
                CommunicationStatus.Active,
                details,
                _last,
                Shown(due + node.Options.ContactRefresh),
                ObservedAddress.Text(peer.Remote.Address),
                peer.Hello.Product), isNews);
        }
    }

    private IEnumerable<string> Details(string detail)
    {
        yield return detail;
        if (_warning.Until > node.Steady)
        {
            yield return _warning.Text;
        }

        if (node.Upkeep.Warning is { } warning)
        {
            yield return warning;
        }
    }

    /// <summary>A full round trip over a channel; its heartbeats are due from now on, or the poll after the last.</summary>
    public void RecordRoundTrip(PeerChannel channel)
    {
        DateTimeOffset due = node.Steady + node.Options.Channel.HeartbeatInterval;
        bool polls;
        lock (_gate)
        {
            polls = ReferenceEquals(_polls, channel.Peer);
            due = polls && _due > due ? _due.Value : due;
        }

        RecordRoundTrip(channel, polls ? "polls" : "connected", due);
    }

    /// <summary>The engine has polled, and comes again after the interval.</summary>
    public void RecordPoll(PeerChannel channel, TimeSpan interval)
    {
        lock (_gate)
        {
            _polls = channel.Peer;
        }

        RecordRoundTrip(channel, "polls", node.Steady + interval);
    }

    public void Failed(CommunicationStatus status, string detail, DateTimeOffset? due)
    {
        lock (_gate)
        {
            _recalled = true;
            _responding = false;
            _due = due;
            node.Contacts.Put(new EngineContact(pairingId, status, detail, Unwritten(), Shown(due)));
        }
    }

    /// <summary>The engine's admin denied this console, which is no matter of waiting for it.</summary>
    public void Denied(ChannelException fault) => Failed(
        CommunicationStatus.NotResponding,
        $"{FaultCode.PairingDenied}: {fault.Message} {ChannelFaults.Recommendation(fault)}",
        null);

    /// <summary>The channel was let go because there is nothing to do; the engine is well.</summary>
    public void RecordIdle(DateTimeOffset due)
    {
        lock (_gate)
        {
            _due = due;
            node.Contacts.Put(
                new EngineContact(pairingId, CommunicationStatus.Active, "idle", Unwritten(), node.Shown(due)));
        }
    }

    /// <summary>The last channel broke. Not yet "not responding": whoever dials comes back by itself.</summary>
    public void Lost()
    {
        lock (_gate)
        {
            _due = node.Steady;
        }
    }

    /// <summary>
    /// What the console process before this one wrote is not true for ever: the engine has to come again.
    /// </summary>
    public void Restore(EngineRecord engine, DateTimeOffset nextProbe)
    {
        lock (_gate)
        {
            if (_recalled)
            {
                return;
            }

            _recalled = true;
            _responding = engine.Status == CommunicationStatus.Active;
            _last = engine.LastContact ?? engine.Registered;
            DateTimeOffset now = node.Now;
            _due = engine.Direction == CommunicationDirection.ConsoleToEngine ? nextProbe
                : node.Steady + Expected(engine.NextExpected - now);
        }
    }

    /// <summary>Keeps the status as fresh as the heartbeats are, and says when the engine is overdue.</summary>
    public void Check(DateTimeOffset now)
    {
        if (channels.Best(CommunicationDirection.EngineToConsole) is { } open)
        {
            // Not "later than": the clock may have been set back in between.
            if (open.Channel.LastRoundTrip != _seen)
            {
                _seen = open.Channel.LastRoundTrip;
                RecordRoundTrip(open.Channel);
            }

            return;
        }

        lock (_gate)
        {
            if (_responding && _due is { } due && now > due + node.Options.Grace)
            {
                string detail = $"No contact since {_last:u}; it was due at {node.Shown(due):u}.";
                Failed(CommunicationStatus.NotResponding, detail, due);
            }
        }
    }

    /// <summary>The last contact, if it was not written yet; the next one is written whatever it says.</summary>
    private DateTimeOffset? Unwritten()
    {
        DateTimeOffset? last = _unwritten ? _last : null;
        (_written, _unwritten) = (default, false);
        return last;
    }

    private DateTimeOffset? Shown(DateTimeOffset? due) => due is { } steady ? node.Shown(steady) : null;

    // What the process before wrote by a clock that was set back since may lie far ahead: no interval is that long.
    private static TimeSpan Expected(TimeSpan? left) =>
        left is not { } span || span <= TimeSpan.Zero ? TimeSpan.Zero : span < LongestExpected ? span : TimeSpan.Zero;
}
