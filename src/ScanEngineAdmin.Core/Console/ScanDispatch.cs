using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Scanning.Plan;

namespace ScanEngineAdmin.Core.Console;

/// <summary>
/// Brings what the store says of an engine's scans and what the engine does together, over one channel. Every message
/// may be sent again: the engine takes a scan and attempt on once, and stops it once.
/// </summary>
internal static class ScanDispatch
{
    /// <summary>What was confirmed is kept of scans that are under way only: a channel may stay for months.</summary>
    public static void ForgetFinished(LinkChannel channel, IReadOnlyList<ScanRecord> scans) =>
        channel.Confirmed.RemoveWhere(
            known => !scans.Any(scan => (scan.ScanId, scan.Attempt) == (known.ScanId, known.Attempt)));

    public static async Task RunAsync(
        ConsoleContext node,
        EngineRecord engine,
        LinkScans rules,
        LinkChannel channel,
        IReadOnlyList<ScanRecord> scans,
        CancellationToken cancellationToken)
    {
        // One that is gone from the store altogether: the engine learns from the list that nobody wants it.
        if (channel.Confirmed.Any(known => node.Store.GetScan(known.ScanId) is null))
        {
            channel.Synced = false;
        }

        if (!channel.Synced)
        {
            await SyncAsync(rules, channel, scans, cancellationToken).ConfigureAwait(false);
        }

        ForgetFinished(channel, scans);
        int running = scans.Count(scan => scan.State is ScanState.Dispatched or ScanState.Running);
        foreach (ScanRecord scan in scans)
        {
            if (scan.State == ScanState.Queued)
            {
                if (scan.StopRequested)
                {
                    node.Store.UpdateScan(scan.ScanId, current => StoppedInQueue(current, node.Now));
                }
                else if (running < node.Options.MaxScansPerEngine && rules.IsDue(scan))
                {
                    running++;
                    await DispatchAsync(node, engine, rules, channel, scan.ScanId, cancellationToken)
                        .ConfigureAwait(false);
                }
            }
            else
            {
                if (scan.State == ScanState.Dispatched
                    && !channel.Confirmed.Contains((scan.ScanId, scan.Attempt, false)))
                {
                    await StartAsync(node, engine, rules, channel, scan, cancellationToken).ConfigureAwait(false);
                }

                if (scan.StopRequested && !channel.Confirmed.Contains((scan.ScanId, scan.Attempt, true)))
                {
                    var stop = new ScanStop { ScanId = scan.ScanId, Attempt = scan.Attempt };
                    await channel.Channel.AskAsync<Done>(Methods.ScanStop, stop, cancellationToken)
                        .ConfigureAwait(false);
                    channel.Confirmed.Add((scan.ScanId, scan.Attempt, true));
                }
            }
        }
    }

    /// <summary>
    /// Tells the engine what the console holds; what it lacks is started (again), under a new attempt if data came of
    /// it.
    /// </summary>
    private static async Task SyncAsync(
        LinkScans rules, LinkChannel channel, IReadOnlyList<ScanRecord> scans, CancellationToken cancellationToken)
    {
        List<ScanRecord> there = scans.Where(scan => scan.State is ScanState.Dispatched or ScanState.Running).ToList();
        var sync = new ScanSync
        {
            Scans = there.ConvertAll(scan => new ScanSyncItem
            {
                ScanId = scan.ScanId,
                Attempt = scan.Attempt,
                LastBatch = scan.LastBatch,
            }),
        };
        ScanSyncReply reply = await channel.Channel
            .AskAsync<ScanSyncReply>(Methods.ScanSync, sync, cancellationToken).ConfigureAwait(false);
        channel.Confirmed.Clear();
        foreach (ScanRecord scan in there)
        {
            bool missing = reply.Missing.Contains(scan.ScanId);
            if (missing && (scan.LastBatch > 0 || scan.State == ScanState.Running))
            {
                // Batch numbers of a fresh run would look like old ones: a new attempt starts them over, and the
                // findings already here are not stored twice.
                rules.Lost(scan);
                continue;
            }

            rules.Back(scan, channel.Channel.Peer.Hello.BootId);
            if (!missing)
            {
                channel.Confirmed.Add((scan.ScanId, scan.Attempt, false));
            }
        }

        channel.Synced = true;
    }

    private static async Task DispatchAsync(
        ConsoleContext node,
        EngineRecord engine,
        LinkScans rules,
        LinkChannel channel,
        Guid scanId,
        CancellationToken cancellationToken)
    {
        // Durable before it is sent: after a crash here the next sync finds out whether it arrived.
        ScanRecord? dispatched = node.Store.UpdateScan(
            scanId,
            current => current is { State: ScanState.Queued, StopRequested: false }
                ? Dispatched(current, channel.Channel.Peer.Hello.BootId)
                : current);
        if (dispatched is { State: ScanState.Dispatched })
        {
            await StartAsync(node, engine, rules, channel, dispatched, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task StartAsync(
        ConsoleContext node,
        EngineRecord engine,
        LinkScans rules,
        LinkChannel channel,
        ScanRecord scan,
        CancellationToken cancellationToken)
    {
        try
        {
            // An older engine would refuse members that it does not know: it scans from the start, without a bound
            // of its own, and what is stored already is not stored twice.
            ScanStart start = ScanStart.From(scan, ScanPlan.Create(scan.Request));
            if (start.Exclude is not null && !channel.Facts.ScanExclude)
            {
                // Nothing that is excluded is ever scanned: rather nothing is.
                node.Store.UpdateScan(scan.ScanId, current => current.IsFinished || current.Attempt != scan.Attempt
                    ? current
                    : ScanOutcome.Refused(current, node.Now, TooOld(engine)));
                return;
            }

            start = channel.Facts.ScanTerms ? start.With(scan.Cursor, rules.TimeLeft(scan)) : start;
            await channel.Channel.AskAsync<Done>(Methods.ScanStart, start, cancellationToken).ConfigureAwait(false);
            channel.Confirmed.Add((scan.ScanId, scan.Attempt, false));
            node.Log(
                LogLevel.Information,
                Events.ScanDispatched,
                $"Scan {scan.ScanId} taken on by engine {engine.Name}.",
                ("scan", scan.ScanId.ToString("D")),
                ("pairing", engine.PairingId.ToString("D")),
                ("engine", engine.Name));
        }
        catch (ChannelException exception) when (exception is
        { Fault: ChannelFault.RequestFailed, PeerCode: (int)RequestCode.Stale })
        {
            // This store was restored from a backup: the engine knows a later attempt. The next one overtakes it.
            node.Store.UpdateScan(scan.ScanId, current => current.IsFinished || current.Attempt != scan.Attempt
                ? current
                : current with { State = ScanState.Queued, LastBatch = 0 });
        }
        catch (ChannelException exception) when (exception is
        { Fault: ChannelFault.RequestFailed, PeerCode: (int)RequestCode.StoreFault })
        {
            // Its disk is full, or its store is locked: the next look tries again, and other scans do not wait for it.
            node.LogPeer(
                engine.PairingId,
                LogLevel.Warning,
                Events.ScanNotTakenOn,
                $"Engine {engine.Name} cannot take on scan {scan.ScanId} now: {exception.Message}",
                ("scan", scan.ScanId.ToString("D")));
        }
        catch (ChannelException exception) when (exception is
        { Fault: ChannelFault.RequestFailed, PeerCode: (int)RequestCode.ScanRefused or (int)RequestCode.Malformed })
        {
            node.Store.UpdateScan(scan.ScanId, current => current.IsFinished || current.Attempt != scan.Attempt
                ? current
                : ScanOutcome.Refused(current, node.Now, $"ScanRefused: {exception.Message}"));
        }
    }

    private static string TooOld(EngineRecord engine) =>
        $"ScanRefused: Engine {engine.Name}{(engine.Version is { } version ? $" ({version})" : string.Empty)} "
        + "is too old to hold host names to what is excluded. Update it, or give and exclude addresses only.";

    private static ScanRecord Dispatched(ScanRecord scan, Guid boot)
    {
        ScanRecord next = scan with
        {
            State = ScanState.Dispatched,
            Attempt = scan.Attempt + 1,
            LastBatch = 0,
            NotBefore = null,
            EngineBootId = boot,
        };
        return scan.Cause == ScanCause.None ? next : ScanOutcome.Over(next, scan.Cause);
    }

    private static ScanRecord StoppedInQueue(ScanRecord scan, DateTimeOffset now) => scan.State == ScanState.Queued
        ? ScanOutcome.Stopped(scan, now, "Stopped before it was started.")
        : scan;
}
