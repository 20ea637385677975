using ScanEngineAdmin.Storage.Sqlite;

namespace ScanEngineAdmin.Storage.Stores;

/// <summary>How many strangers may wait for approval, at a console and at an engine alike.</summary>
/// <param name="table">The table of the pairings.</param>
/// <param name="idColumn">Its column with the peer's id.</param>
/// <param name="capPerAddress">How many may wait that were seen at one address.</param>
/// <param name="capInAll">How many may wait.</param>
internal sealed class PendingPairings(string table, string idColumn, int capPerAddress, int capInAll)
{
    /// <summary>Adds one that waits; who has no place any more is removed.</summary>
    public void Add(Session session, Guid pairingId, Guid? peerId, string? observedAddress, Action<Session> insert)
    {
        // One that dials again takes the place of its own earlier try. The order of arrival decides what is oldest,
        // not the clock, which may have been set back.
        session.Execute(
            $"DELETE FROM {table} WHERE state = 'Pending' AND (pairing_id = $1 OR {idColumn} = $2)", pairingId, peerId);
        insert(session);
        session.Execute(
            $"""
            DELETE FROM {table} WHERE id IN (
                SELECT id FROM {table} WHERE state = 'Pending' AND observed_address IS $1
                ORDER BY id DESC LIMIT -1 OFFSET $2)
            """,
            observedAddress,
            Math.Max(0, capPerAddress));
        foreach (long leaving in PendingNetworks.Leaving(
            session.List(
                $"SELECT id, observed_address FROM {table} WHERE state = 'Pending' ORDER BY id",
                row => (row.Long(), row.TextOrNull())),
            Math.Max(0, capInAll)))
        {
            session.Execute($"DELETE FROM {table} WHERE id = $1", leaving);
        }
    }
}
