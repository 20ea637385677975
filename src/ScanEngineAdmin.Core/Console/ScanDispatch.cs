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

        // One that is to end, and of which nobody knows whether the engine has taken it on: it is not sent again.
        if (scans.Any(scan => IsToEnd(scan) && IsUnconfirmed(channel, scan)))
        {
            channel.Synced = false;
        }

        if (!channel.Synced)
        {
            await SyncAsync(node, engine, rules, channel, scans, cancellationToken).ConfigureAwait(false);
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
                if (IsUnconfirmed(channel, scan) && !IsToEnd(scan) && IsStillWanted(node, scan))
                {
                    await StartAsync(node, engine, rules, channel, scan, cancellationToken).ConfigureAwait(false);
                }

                if (IsToEnd(scan) && !IsUnconfirmed(channel, scan)
                    && !channel.Confirmed.Contains((scan.ScanId, scan.Attempt, true)))
                {
                    var stop = new ScanStop
                    {
                        ScanId = scan.ScanId,
                        Attempt = scan.Attempt,
                        GoesOn = !scan.StopRequested && channel.Facts.ScanSuspend ? true : null,
                    };
                    await channel.Channel.AskAsync<Done>(Methods.ScanStop, stop, cancellationToken)
                        .ConfigureAwait(false);
                    channel.Confirmed.Add((scan.ScanId, scan.Attempt, true));
                }
            }
        }
    }

    private static bool IsToEnd(ScanRecord scan) => scan.StopRequested || scan.Suspension == ScanSuspension.Asked;

    /// <summary>Asked after waiting for the engine: it may have been stopped, or settled as not started, meanwhile.</summary>
    private static bool IsStillWanted(ConsoleContext node, ScanRecord scan) =>
        node.Store.GetScan(scan.ScanId) is { State: ScanState.Dispatched } now && now.Attempt == scan.Attempt
        && !IsToEnd(now);

    /// <summary>Whether it was to be sent, and the engine has not said that it has it.</summary>
    private static bool IsUnconfirmed(LinkChannel channel, ScanRecord scan) =>
        scan.State == ScanState.Dispatched && !channel.Confirmed.Contains((scan.ScanId, scan.Attempt, false));

    /// <summary>
    /// Tells the engine what the console holds; what it lacks is started (again), under a new attempt if data came of
    /// it.
    /// </summary>
    private static async Task SyncAsync(
        ConsoleContext node,
        EngineRecord engine,
        LinkScans rules,
        LinkChannel channel,
        IReadOnlyList<ScanRecord> scans,
        CancellationToken cancellationToken)
    {
        LeaseOffer? offer = !channel.Facts.ScanLease ? null : await LeaseOffer
            .MakeAsync(node.Pools.Leases, channel.Channel, scans, cancellationToken).ConfigureAwait(false);

        // What was read before the engine was dialled may have been taken back since: what is listed is as it is now.
        // One that has become too old for leases is left without what it was lent.
        List<ScanRecord> there =
        [
            .. node.Store.ListScans(engine.PairingId, unfinishedOnly: true).Where(scan =>
                scan.State is ScanState.Dispatched or ScanState.Running
                && (scan.Lease is null || channel.Facts.ScanLease)),
        ];
        var sync = new ScanSync
        {
            Scans = there.ConvertAll(scan => new ScanSyncItem
            {
                ScanId = scan.ScanId,
                Attempt = scan.Attempt,
                LastBatch = scan.LastBatch,
                LeaseUntilMs = offer?.UntilMs(scan),
            }),
        };
        ScanSyncReply reply = await channel.Channel
            .AskAsync<ScanSyncReply>(Methods.ScanSync, sync, cancellationToken).ConfigureAwait(false);

        channel.Confirmed.Clear();
        foreach (ScanRecord scan in there)
        {
            bool missing = reply.Missing.Contains(scan.ScanId);
            if (missing && scan.State == ScanState.Dispatched && IsToEnd(scan))
            {
                rules.NotStarted(scan);
                continue;
            }

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
            current => current is
            { State: ScanState.Queued, StopRequested: false, Suspension: not ScanSuspension.Asked }
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
        LeaseOffer? offer = null;
        if (scan.Lease is not null)
        {
            if (!channel.Facts.ScanLease || node.Pools.Leases.Left(scan) <= TimeSpan.Zero)
            {
                // It is taken back soon.
                return;
            }

            offer = await LeaseOffer.MakeAsync(node.Pools.Leases, channel.Channel, [scan], cancellationToken)
                .ConfigureAwait(false);
            if (!IsStillWanted(node, scan))
            {
                return;
            }
        }

        try
        {
            // An older engine would refuse members that it does not know: it scans from the start, without a bound
            // of its own, and what is stored already is not stored twice.
            ScanStart start = ScanStart.From(scan, ScanPlan.Create(scan.Request));
            if (WhyTooOld(start, channel.Facts) is { } why)
            {
                // Nothing that is excluded is ever scanned, and nothing by another scanner: rather nothing is.
                node.Store.UpdateScan(scan.ScanId, current => current.IsFinished || current.Attempt != scan.Attempt
                    ? current
                    : ScanOutcome.Refused(current, node.Now, TooOld(engine, why)));
                return;
            }

            start = channel.Facts.ScanTerms ? start.With(scan.Cursor, rules.TimeLeft(scan)) : start;
            start = start with { LeaseUntilMs = offer?.UntilMs(scan) };
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

    /// <summary>What an engine of an earlier version would pass over in silence, if it passed over what it does not know.</summary>
    private static string? WhyTooOld(ScanStart start, HelloFacts facts) => start switch
    {
        { Exclude: not null } when !facts.ScanExclude =>
            "to hold host names to what is excluded. Update it, or give and exclude addresses only.",
        { Scanner: { } scanner } when !facts.ScanScanner =>
            $"to scan with {scanner}. Update it, or scan with -Scanner Connect.",
        _ => null,
    };

    private static string TooOld(EngineRecord engine, string why) =>
        $"ScanRefused: Engine {engine.Name}{(engine.Version is { } version ? $" ({version})" : string.Empty)} "
        + $"is too old {why}";

    private static ScanRecord Dispatched(ScanRecord scan, Guid boot)
    {
        ScanRecord next = scan with
        {
            State = ScanState.Dispatched,
            Attempt = scan.Attempt + 1,
            LastBatch = 0,
            NotBefore = null,
            Suspension = ScanSuspension.None,
            EngineBootId = boot,
        };
        return scan.Cause == ScanCause.None ? next : ScanOutcome.Over(next, scan.Cause);
    }

    private static ScanRecord StoppedInQueue(ScanRecord scan, DateTimeOffset now) => scan.State == ScanState.Queued
        ? ScanOutcome.Stopped(scan, now, "Stopped before it was started.")
        : scan;
}
