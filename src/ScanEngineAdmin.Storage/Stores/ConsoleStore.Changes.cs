using System.Globalization;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Storage.Sqlite;

namespace ScanEngineAdmin.Storage.Stores;

internal sealed partial class ConsoleStore
{
    private const string ByChange = "WHERE change_id = $1";

    // Beside the newest: open changes; those that can be gone back to, or were the engine's last (two of
    // each kind); those that a pending change or a host's firewall still waits for.
    private const string Forget = $"""
        DELETE FROM changes WHERE pairing_id = $1 AND NOT {Open}
        AND id NOT IN (SELECT id FROM changes WHERE pairing_id = $1 ORDER BY id DESC LIMIT $2)
        AND id NOT IN (SELECT id FROM changes WHERE pairing_id = $1 AND state = 'Committed'
            AND to_direction = 'ConsoleToEngine' ORDER BY id DESC LIMIT 2)
        AND id NOT IN (SELECT id FROM changes WHERE pairing_id = $1 AND state = 'Committed'
            AND to_direction = 'EngineToConsole' ORDER BY id DESC LIMIT 2)
        AND id NOT IN (SELECT id FROM changes WHERE pairing_id = $1 AND state = 'Committed'
            AND console_address IS NOT NULL ORDER BY id DESC LIMIT 2)
        AND change_id NOT IN (SELECT change_id FROM pending_changes WHERE change_id IS NOT NULL)
        AND change_id NOT IN (SELECT change_id FROM firewall_requests WHERE action = 'Open' OR state <> 'Done')
        """;

    private const string Open = "(acknowledged IS NULL OR state NOT IN ('Committed', 'RolledBack'))";

    public void AddChange(ChangeRecord change, AuditEvent? note = null) => Database.Write(session =>
    {
        EngineRecord engine = ConsoleTables.Engines.First(session, ByPairing, change.PairingId)
            ?? throw NoEngine(change.PairingId);
        ChangeRecord? open = ConsoleTables.Changes.First(
            session, $"WHERE pairing_id = $1 AND {Open} ORDER BY id DESC LIMIT 1", change.PairingId);
        if (open is not null)
        {
            throw InProgress(engine, open);
        }

        // Whoever asks has looked at the engine before, and another's change may have begun and ended since.
        if (change.From != engine.Direction || change.Epoch <= engine.Epoch)
        {
            throw Overtaken(engine, change);
        }

        ConsoleTables.Changes.Insert(session, change);
        session.Execute(Forget, change.PairingId, Database.Options.KeptChanges);
        AddEvent(session, note);
        return true;
    });

    public ChangeRecord? GetChange(Guid changeId) =>
        Database.Read(session => ConsoleTables.Changes.First(session, ByChange, changeId));

    public IReadOnlyList<ChangeRecord> ListChanges(Guid? pairingId = null, bool openOnly = false)
    {
        string open = openOnly ? Open : "1";
        return Database.Read(session => pairingId is null
            ? ConsoleTables.Changes.List(session, $"WHERE {open} ORDER BY id DESC")
            : ConsoleTables.Changes.List(session, $"WHERE {open} AND pairing_id = $1 ORDER BY id DESC", pairingId));
    }

    public (ChangeRecord Change, EngineRecord Engine)? UpdateChange(
        Guid changeId,
        Func<ChangeRecord, EngineRecord, (ChangeRecord Change, EngineRecord Engine)> change,
        Func<ChangeRecord, EngineRecord, AuditEvent>? note = null) =>
        Database.Write<(ChangeRecord Change, EngineRecord Engine)?>(session =>
        {
            ChangeRecord? before = ConsoleTables.Changes.First(session, ByChange, changeId);
            EngineRecord? engine = before is null
                ? null
                : ConsoleTables.Engines.First(session, ByPairing, before.PairingId);
            if (before is null || engine is null)
            {
                return null;
            }

            (ChangeRecord after, EngineRecord changed) = change(before, engine);
            after = after with { ChangeId = changeId, PairingId = before.PairingId };
            ConsoleTables.Changes.Update(session, before, after);
            EngineRecord replaced = ReplaceEngine(session, engine, changed);
            AddEvent(session, note?.Invoke(after, replaced));
            return (after, replaced);
        });

    private static ScanEngineException InProgress(EngineRecord engine, ChangeRecord open)
    {
        DateTimeOffset since = open.IsDecided ? open.Decided ?? open.Requested : open.Requested;
        string stands = open.IsDecided
            ? $"is decided ({open.State}), but the engine has not acknowledged it yet"
            : $"is under way ({open.State})";
        return new ScanEngineException(
            FaultCode.ChangeInProgress,
            $"A change of direction of engine '{engine.Name}' to {open.To} {stands}, since "
                + $"{since.UtcDateTime.ToString("u", CultureInfo.InvariantCulture)}, asked for by {open.RequestedBy}.",
            open.IsDecided
                ? $"Wait until the engine has been heard from: Wait-ScanEngine -Name '{engine.Name}'; then ask again."
                : "Wait until it has ended, then ask again.",
            engine.Name);
    }

    private static ScanEngineException Overtaken(EngineRecord engine, ChangeRecord change) => new(
        FaultCode.ChangeInProgress,
        $"The direction of engine '{engine.Name}' was settled again while a change to {change.To} was asked for: "
            + $"in force is {engine.Direction}, epoch {engine.Epoch.ToString(CultureInfo.InvariantCulture)}.",
        $"Look at Get-ScanEngineCommunication -Name '{engine.Name}', and ask again if it is still wanted.",
        engine.Name);
}
