using System.Globalization;
using ScanEngineAdmin.Core;
using ScanEngineAdmin.Core.Direction;
using ScanEngineAdmin.Core.Engines;
using ScanEngineAdmin.Storage.Sqlite;

namespace ScanEngineAdmin.Storage.Stores;

internal sealed partial class ConsoleStore
{
    private const string ByChange = "WHERE change_id = $1";
    private const string Open = "(acknowledged IS NULL OR state NOT IN ('Committed', 'RolledBack'))";

    public void AddChange(ChangeRecord change) => Database.Write(session =>
    {
        EngineRecord engine = ConsoleTables.Engines.First(session, ByPairing, change.PairingId)
            ?? throw NoEngine(change.PairingId);
        ChangeRecord? open = ConsoleTables.Changes.First(
            session, $"WHERE pairing_id = $1 AND {Open} ORDER BY id DESC LIMIT 1", change.PairingId);
        if (open is not null)
        {
            throw InProgress(session, open);
        }

        // Whoever asks has read the engine before: another change may have begun and ended in between.
        if (change.Epoch <= engine.Epoch)
        {
            throw new ScanEngineException(
                FaultCode.ChangeInProgress,
                $"The direction of engine '{engine.Name}' was changed meanwhile: {engine.Direction} is in force.",
                $"See it with Get-ScanEngineCommunication -Name '{engine.Name}'; if it is not wanted, ask again.",
                engine.Name);
        }

        ConsoleTables.Changes.Insert(session, change);
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
        Guid changeId, Func<ChangeRecord, EngineRecord, (ChangeRecord Change, EngineRecord Engine)> change) =>
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
            return (after, ReplaceEngine(session, engine, changed));
        });

    private static ScanEngineException InProgress(Session session, ChangeRecord open)
    {
        string? name = session.Text("SELECT name FROM engines WHERE pairing_id = $1", open.PairingId);
        DateTimeOffset since = open.IsDecided ? open.Decided ?? open.Requested : open.Requested;
        string stands = open.IsDecided
            ? $"is decided ({open.State}), but the engine has not acknowledged it yet"
            : $"is under way ({open.State})";
        return new ScanEngineException(
            FaultCode.ChangeInProgress,
            $"A change of direction of engine '{name}' to {open.To} {stands}, since "
                + $"{since.UtcDateTime.ToString("u", CultureInfo.InvariantCulture)}, asked for by {open.RequestedBy}.",
            open.IsDecided
                ? $"Wait until the engine has been heard from: Wait-ScanEngine -Name '{name}'; then ask again."
                : "Wait until it has ended, then ask again.",
            name);
    }
}
