using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Core.NodeProcess;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Nodes;

namespace ScanEngineAdmin.Core.Engine;

/// <summary>
/// The engine's half of one pairing while it runs: the open channels to that console (two while the direction changes)
/// and the one over which scan data goes. Which one that is, the console says by reconciling over it.
/// </summary>
internal sealed class ConsoleLink(EngineContext node, Guid pairingId) : IAsyncDisposable
{
    private const string Ended = "This engine has ended the pairing.";

    private readonly object _gate = new();
    private readonly TakeoverWatch _takeovers = new();

    // A channel closes the one before it: the next of two nodes in turn must be noted after this one.
    private readonly object _entering = new();
    private readonly CancellationTokenSource _stop = new();
    private ScanUpload? _upload;
    private long _reconciling;

    public Guid PairingId { get; } = pairingId;

    public PeerChannels<OpenChannel> Channels { get; } = new();

    /// <summary>Something was spooled for this console.</summary>
    public void Spooled()
    {
        ScanUpload? upload;
        lock (_gate)
        {
            upload = _upload;
        }

        upload?.Wake();
    }

    /// <summary>
    /// Takes a channel that has been welcomed or dialled, and writes down what follows from it. Not null if it was
    /// closed instead, because a later copy of the console is served.
    /// </summary>
    public Refusal? Attach(PeerChannel channel, ConsoleRecord judged)
    {
        try
        {
            if (ConsoleFence.Remember(node, judged, channel.Peer.Hello) is { } past)
            {
                _ = channel.CloseAsync(past.Code, past.Text);
                return past;
            }
        }
        catch (ScanEngineException)
        {
            _ = channel.CloseAsync(RefusalCode.Unspecified, "The engine's store failed.");
            throw;
        }

        if (Judge(Latest(judged), channel) is { } refusal)
        {
            // Thrown out since it was judged: it must not take the place of a channel of the key that holds.
            _ = channel.CloseAsync(refusal.Code, refusal.Text);
            return null;
        }

        var entry = new OpenChannel(channel);
        string? twice;
        lock (_entering)
        {
            twice = _takeovers.Opened(channel.Peer);
            Channels.Add(entry);
        }

        if (twice is not null)
        {
            TellTwice(judged, channel.Peer, twice);
        }

        if (_stop.IsCancellationRequested)
        {
            // Its handshake ended after this session did, which ends with its pairing too: nobody else would close it.
            refusal = Judge(Latest(judged), channel) ?? new Refusal(RefusalCode.Stopping, "The engine is stopping.");
            _ = channel.CloseAsync(refusal.Code, refusal.Text);
            return null;
        }

        ConsoleRecord? letIn = TakeDown(channel.Peer);
        if (letIn is not null)
        {
            // Before it is said: whoever reads of the channel may count on it.
            node.SeeKey(channel.Peer.Fingerprint);
        }

        node.LogPeer(
            PairingId,
            LogLevel.Information,
            Events.ChannelOpened,
            $"Channel to console {channel.Peer.Hello.Name} open ({(channel.Peer.Dialled ? "polled" : "accepted")}).",
            ("remote", channel.Peer.Remote.ToString()));
        _ = WatchAsync(entry);

        // It may have been thrown out since it was judged: either who did that sees it, or it is seen here.
        _ = EnforceAsync(letIn ?? Latest(judged));
        if (letIn is not null)
        {
            node.Certificate.ChannelOpened();
        }

        return null;
    }

    /// <summary>
    /// What the store no longer lets in goes at once, and what it was scanning ends. The record, null for a pairing that
    /// ended, may be older than a channel that shows a key announced since, so the last word is the store's.
    /// </summary>
    public async Task EnforceAsync(ConsoleRecord? console)
    {
        PeerChannel[] suspects = [.. Channels.Open.Where(channel => Judge(console, channel) is not null)];
        ConsoleRecord? now = suspects.Length > 0 ? Latest(console) : console;
        Task closed = Task.WhenAll(suspects.Select(channel => Judge(now, channel) is { } refusal
            ? channel.CloseAsync(refusal.Code, refusal.Text)
            : Task.CompletedTask));
        if (now is null or { State: ConsoleState.Denied })
        {
            await node.Scans.Runs.EndAllAsync(PairingId).ConfigureAwait(false);
        }

        await closed.ConfigureAwait(false);
    }

    /// <summary>The pairing is no longer in the store.</summary>
    public async Task RevokeAsync()
    {
        Task closed = CloseAsync(RefusalCode.Revoked, Ended);
        await node.Scans.Runs.EndAllAsync(PairingId).ConfigureAwait(false);
        await closed.ConfigureAwait(false);
        await DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>The turn of a reconciliation, taken when the console asks for it.</summary>
    public long BeginReconciling() => Interlocked.Increment(ref _reconciling);

    /// <summary>
    /// Whether the console has asked once more since: the answer took long, and nobody waits for it any more. What the
    /// console held to be here then, it may not hold now.
    /// </summary>
    public bool IsOvertaken(long turn) => Interlocked.Read(ref _reconciling) > turn;

    /// <summary>The console has reconciled over this channel: from now on scan data goes here.</summary>
    public async Task UploadOverAsync(PeerChannel channel, long turn)
    {
        ScanUpload? old;
        lock (_gate)
        {
            if (_stop.IsCancellationRequested || IsOvertaken(turn))
            {
                return;
            }

            old = _upload;
            _upload = new ScanUpload(node, PairingId, channel, _stop.Token);
        }

        if (old is not null)
        {
            await old.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Closes the channels of a way that is closed, unless the console does it first: it may still be reading the
    /// acknowledgement that closed the way.
    /// </summary>
    public async Task CloseWayAsync(bool dialled, TimeSpan grace)
    {
        PeerChannel[] closing = [.. Channels.Open.Where(channel => channel.Peer.Dialled == dialled)];
        Task ended = Task.WhenAll(closing.Select(channel => channel.Completion));
        using var delay = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        await Task.WhenAny(ended, Task.Delay(grace, node.Time, delay.Token)).ConfigureAwait(false);
        await delay.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(closing.Select(channel =>
            channel.CloseAsync(RefusalCode.WrongDirection, "The direction has changed."))).ConfigureAwait(false);
    }

    public async Task CloseAsync(RefusalCode code, string text)
    {
        ScanUpload? upload;
        lock (_gate)
        {
            upload = _upload;
            _upload = null;
        }

        if (upload is not null)
        {
            await upload.DisposeAsync().ConfigureAwait(false);
        }

        await Channels.CloseAsync(_ => true, code, text).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await CloseAsync(RefusalCode.Stopping, "The engine is stopping.").ConfigureAwait(false);
        _stop.Dispose();
    }

    /// <summary>Null for a channel that is let in.</summary>
    private static Refusal? Judge(ConsoleRecord? console, PeerChannel channel) => console switch
    {
        null => new Refusal(RefusalCode.Revoked, Ended),
        { State: ConsoleState.Denied } => new Refusal(RefusalCode.Denied, "This engine's admin denied this console."),
        _ when console.Pins.Contains(channel.Peer.Fingerprint) => null,
        _ => new Refusal(RefusalCode.Unspecified, PeerCertificates.ReplacedKey),
    };

    private ConsoleRecord? TakeDown(PeerInfo peer)
    {
        bool pairs = false;
        ConsoleRecord? updated = Update(console =>
        {
            // A console dials a channel only after its own admin has confirmed this engine: both sides are confirmed.
            pairs = console.State == ConsoleState.Approved && !peer.Dialled;
            return console with
            {
                State = pairs ? ConsoleState.Paired : console.State,
                Connected = Channels.Any,
                LastSeen = node.Now,
                ObservedAddress = ObservedAddress.Text(peer.Remote.Address),
                ConsoleId = peer.Hello.NodeId,
                Name = peer.Hello.Name,
            };
        });
        if (updated is not null && pairs)
        {
            node.Audit(Events.Paired, updated, peer.Remote.ToString(), "by approval", AuditClass.Pairing);
        }

        return updated;
    }

    private async Task WatchAsync(OpenChannel entry)
    {
        PeerChannel channel = entry.Channel;
        await channel.Completion.ConfigureAwait(false);
        Channels.Remove(entry);
        node.LogPeer(
            PairingId,
            channel.Fault?.Fault == ChannelFault.Closed ? LogLevel.Information : LogLevel.Warning,
            Events.ChannelClosed,
            $"Channel to console {channel.Peer.Hello.Name} ended: {channel.Fault?.Message ?? "closed"}");
        if (!Channels.Any && !_stop.IsCancellationRequested)
        {
            // Asked inside the transaction: another channel may have been attached meanwhile.
            Update(console => console with { Connected = Channels.Any });
        }
    }

    /// <summary>The trail has it before the console's record shows it.</summary>
    private void TellTwice(ConsoleRecord judged, PeerInfo peer, string twice)
    {
        node.LogPeer(PairingId, LogLevel.Error, Events.IdentityTwice, $"Console {peer.Hello.Name}: {twice}.");
        Written(() =>
        {
            node.Audit(Events.IdentityTwice, judged, ObservedAddress.Text(peer.Remote.Address), twice);
            return node.Store.UpdateConsole(
                PairingId, console => console with { LastError = $"{FaultCode.IdentityConflict}: {twice}" });
        });
    }

    /// <summary>As the store has it now, null if the pairing has ended; a fault of the store throws nobody out.</summary>
    private ConsoleRecord? Latest(ConsoleRecord? console)
    {
        try
        {
            return node.Store.GetConsole(PairingId);
        }
        catch (ScanEngineException exception)
        {
            node.Log(LogLevel.Warning, Events.StoreFault, exception.Message, ("pairing", PairingId.ToString("D")));
            return console;
        }
    }

    private ConsoleRecord? Update(Func<ConsoleRecord, ConsoleRecord> change) =>
        Written(() => node.Store.UpdateConsole(PairingId, change));

    private ConsoleRecord? Written(Func<ConsoleRecord?> write)
    {
        try
        {
            return write();
        }
        catch (ScanEngineException exception)
        {
            // What is shown may be old; the channel itself does not depend on it.
            node.Log(LogLevel.Warning, Events.StoreFault, exception.Message, ("pairing", PairingId.ToString("D")));
            return null;
        }
    }
}
