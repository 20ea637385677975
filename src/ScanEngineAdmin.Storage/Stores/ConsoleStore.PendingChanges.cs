using ScanEngineAdmin.Domain.Directions;

namespace ScanEngineAdmin.Storage.Stores;

internal sealed partial class ConsoleStore
{
    public PendingDirectionChange? GetPendingChange(Guid pairingId) =>
        Database.Read(session => ConsoleTables.PendingChanges.First(session, ByPairing, pairingId));

    public IReadOnlyList<PendingDirectionChange> ListPendingChanges() =>
        Database.Read(session => ConsoleTables.PendingChanges.List(session, "ORDER BY id"));

    public void SetPendingChange(PendingDirectionChange pending) => Database.Write(session =>
    {
        RequireEngine(session, pending.PairingId);
        session.Execute("DELETE FROM pending_changes WHERE pairing_id = $1", pending.PairingId);
        ConsoleTables.PendingChanges.Insert(session, pending);
        return true;
    });

    public PendingDirectionChange? UpdatePendingChange(
        Guid pairingId, Func<PendingDirectionChange, PendingDirectionChange> change) => Database.Write(session =>
        ConsoleTables.PendingChanges.Change(
            session, ByPairing, [pairingId], pending => change(pending) with { PairingId = pairingId }));

    public bool RemovePendingChange(Guid pairingId, CommunicationDirection? only = null) => Database.Write(session =>
        session.Execute(
            "DELETE FROM pending_changes WHERE pairing_id = $1 AND direction = coalesce($2, direction)",
            pairingId,
            only)) > 0;
}
