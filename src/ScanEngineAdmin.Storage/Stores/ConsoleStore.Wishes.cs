using ScanEngineAdmin.Domain.Directions;

namespace ScanEngineAdmin.Storage.Stores;

internal sealed partial class ConsoleStore
{
    public OfflineWish? GetWish(Guid pairingId) =>
        Database.Read(session => ConsoleTables.Wishes.First(session, ByPairing, pairingId));

    public IReadOnlyList<OfflineWish> ListWishes() =>
        Database.Read(session => ConsoleTables.Wishes.List(session, "ORDER BY id"));

    public void SetWish(OfflineWish wish) => Database.Write(session =>
    {
        RequireEngine(session, wish.PairingId);
        session.Execute("DELETE FROM wishes WHERE pairing_id = $1", wish.PairingId);
        ConsoleTables.Wishes.Insert(session, wish);
        return true;
    });

    public OfflineWish? UpdateWish(Guid pairingId, Func<OfflineWish, OfflineWish> change) => Database.Write(session =>
    {
        OfflineWish? before = ConsoleTables.Wishes.First(session, ByPairing, pairingId);
        if (before is null)
        {
            return null;
        }

        OfflineWish after = change(before) with { PairingId = pairingId };
        ConsoleTables.Wishes.Update(session, before, after);
        return after;
    });

    public bool RemoveWish(Guid pairingId, CommunicationDirection? only = null) => Database.Write(session =>
        session.Execute(
            "DELETE FROM wishes WHERE pairing_id = $1 AND direction = coalesce($2, direction)", pairingId, only)) > 0;
}
