using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Nodes;

namespace ScanEngineAdmin.Core.Console;

/// <summary>
/// What is wanted of one engine's direction by somebody who does not wait for it: an admin here while the engine could
/// not be reached (<see cref="PendingDirectionChange"/>), or the engine's own admin (a proposal). Both become changes
/// under this console's next epoch; if both are there they become one.
/// </summary>
internal sealed class PendingChangeScheduler(ConsoleContext node, Guid pairingId)
{
    /// <summary>
    /// Changes within an hour that one engine may propose. Each is a row that is kept, and an honest one has a person
    /// behind it.
    /// </summary>
    private const int MostProposals = 20;

    /// <summary>
    /// How long until the pending change may be tried: zero is now, null that there is none. Also keeps its books: one
    /// that is fulfilled goes, one that was rolled back rests, longer each time.
    /// </summary>
    public TimeSpan? Rest(EngineRecord engine)
    {
        PendingDirectionChange? pending = node.Store.GetPendingChange(pairingId);
        if (pending is null)
        {
            return null;
        }

        ChangeRecord? tried = pending.ChangeId is { } id ? node.Store.GetChange(id) : null;
        if (pending.Direction == engine.Direction || tried?.State == ChangeState.Committed)
        {
            if (node.Store.RemovePendingChange(pairingId, pending.Direction))
            {
                string detail = $"{pending.Direction}, asked for at {pending.Requested:u}";
                node.Audit(Events.PendingChangeFulfilled, engine, pending.RequestedBy, detail);
            }

            return null;
        }

        if (tried?.State == ChangeState.RolledBack)
        {
            TimeSpan rest = Backoff.After(
                pending.Attempts + 1, node.Options.PendingRetry, node.Options.MaxPendingRetry, Random.Shared);
            PendingDirectionChange Rested(PendingDirectionChange current) => current with
            {
                ChangeId = null,
                Attempts = current.Attempts + 1,
                NotBefore = (tried.Decided ?? node.Now) + rest,
                Detail = tried.Detail,
            };
            pending = node.Store.UpdatePendingChange(
                pairingId, current => current.ChangeId == tried.ChangeId ? Rested(current) : current);
        }

        TimeSpan left = (pending?.NotBefore ?? node.Now) - node.Now;

        // No rest is longer than the longest: the clock was set back, and the pending change is tried now.
        return pending is null ? null
            : left < TimeSpan.Zero || left > node.Options.MaxPendingRetry ? TimeSpan.Zero
            : left;
    }

    /// <summary>
    /// Starts the pending change; false if there is none, or another change is open or has overtaken it.
    /// </summary>
    public bool TryTake(EngineRecord engine, string seconded = "")
    {
        // The id of the change is noted before there is a change: a console that is killed in between tries once more.
        var changeId = Guid.NewGuid();
        Guid? before = null;
        PendingDirectionChange? pending = node.Store.GetPendingChange(pairingId);
        if (pending is null || pending.Direction == engine.Direction
            || node.Store.UpdatePendingChange(pairingId, Tried) is not { } taken)
        {
            return false;
        }

        PendingDirectionChange Tried(PendingDirectionChange current)
        {
            before = current.ChangeId;
            return current with { ChangeId = changeId };
        }

        bool added = TryAdd(new ChangeRecord(taken, taken.RequestedBy)
        {
            ChangeId = changeId,
            PairingId = pairingId,
            From = engine.Direction,
            Epoch = engine.Epoch + 1,
            State = ChangeState.Requested,
            Requested = node.Now,
        });
        if (added)
        {
            string detail = $"{taken.Direction}, try {taken.Attempts + 1}{seconded}";
            node.Audit(Events.PendingChangeTaken, engine, taken.RequestedBy, detail);
        }
        else
        {
            // What stands in the way may be its own change, of another taker: whether that succeeds counts.
            node.Store.UpdatePendingChange(pairingId, current =>
                current.ChangeId == changeId ? current with { ChangeId = before } : current);
        }

        return added;
    }

    /// <summary>
    /// The engine's admin proposes a direction. A pending change for the same is tried with it, however long it would
    /// have rested: the proposal is new, and the pending change has the addresses. True when the proposal is dealt
    /// with.
    /// </summary>
    public bool TakeProposal(EngineRecord engine, CommunicationDirection proposal)
    {
        string by = $"the engine's admin at {engine.ObservedAddress}";
        if (engine.Direction == proposal)
        {
            // Unless the engine is certain of the other one: that is settled first, and then the proposal counts.
            return engine.ReportedDirection is null || engine.ReportedDirection == proposal;
        }

        bool taken = node.Proposals.Of(pairingId).Count < MostProposals
            && (TryTake(engine, $", proposed by {by} too") || TryAdd(Proposed(engine, proposal, by)));
        if (taken)
        {
            node.Proposals.Add(pairingId);
        }

        return taken;
    }

    private ChangeRecord Proposed(EngineRecord engine, CommunicationDirection proposal, string by) => new()
    {
        ChangeId = Guid.NewGuid(),
        PairingId = pairingId,
        From = engine.Direction,
        Direction = proposal,
        Epoch = engine.Epoch + 1,
        State = ChangeState.Requested,

        // Named together or not at all: else the engine says where it listens.
        Address = engine.Address,
        Port = engine.Address is null ? null : engine.Port,

        // Nobody is there to say -ApplyFirewall. Where both admins run an applier both have said that it may act, and
        // without it the way that is proposed would be found closed.
        ApplyFirewall = engine.ReportedApplier is true && node.Firewall.IsAlive,
        Requested = node.Now,
        RequestedBy = by,
    };

    private bool TryAdd(ChangeRecord change)
    {
        try
        {
            node.Store.AddChange(change);
            return true;
        }
        catch (ScanEngineException exception) when (exception.Code == FaultCode.ChangeInProgress)
        {
            return false;
        }
    }
}
