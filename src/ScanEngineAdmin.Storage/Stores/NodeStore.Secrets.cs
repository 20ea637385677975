using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Pairing;
using ScanEngineAdmin.Storage.Sqlite;

namespace ScanEngineAdmin.Storage.Stores;

internal abstract partial class NodeStore
{
    // A clock that is corrected by seconds is none that was set back; beyond it nobody knows how old a secret is.
    private static readonly TimeSpan ClockSlack = TimeSpan.FromMinutes(5);

    private const string BySecret = "WHERE secret_id = $1";

    public void AddSecret(SecretRecord secret) => Database.Write(session =>
    {
        NodeTables.Secrets.Insert(session, secret);
        session.Execute(
            "DELETE FROM secrets WHERE (revoked IS NOT NULL OR expires_at < $1) "
                + "AND id NOT IN (SELECT id FROM secrets ORDER BY id DESC LIMIT $2)",
            secret.Created,
            Database.Options.KeptSecrets);

        // Of those thrown out only who a secret that is still kept could let in.
        session.Execute("DELETE FROM expelled_keys WHERE last_secret < (SELECT min(id) FROM secrets)");
        return true;
    });

    public SecretRecord? GetSecret(Guid secretId) =>
        Database.Read(session => NodeTables.Secrets.First(session, BySecret, secretId));

    public IReadOnlyList<SecretRecord> ListSecrets() =>
        Database.Read(session => NodeTables.Secrets.List(session, "ORDER BY created, id"));

    public bool RevokeSecret(Guid secretId, DateTimeOffset now) => Database.Write(session => session.Execute(
        "UPDATE secrets SET revoked = coalesce(revoked, $2) WHERE secret_id = $1", secretId, now)) > 0;

    public SecretUse UseSecret(
        Guid secretId,
        Fingerprint usedBy,
        Guid nodeId,
        string engineName,
        DateTimeOffset now,
        AuditEvent? overused = null) =>
        Database.Write(session =>
        {
            SecretRecord? secret = NodeTables.Secrets.First(session, BySecret, secretId);
            if (secret is null)
            {
                return SecretUse.NotFound;
            }

            long? seen = session.Number(
                "SELECT seen FROM secret_uses WHERE secret_id = $1 AND fingerprint = $2", secretId, usedBy.Hex);
            SecretUse verdict = Judge(session, secret, usedBy, seen, engineName, now);
            switch (verdict)
            {
                case SecretUse.Expired:
                    // Expired once is expired for ever: the clock may be set back.
                    NodeTables.Secrets.Update(session, secret, secret with { ExpiresAt = DateTimeOffset.UnixEpoch });
                    break;
                case SecretUse.UsedUp:
                    NodeTables.Secrets.Update(session, secret, secret with { Refused = secret.Refused + 1 });
                    AddEvent(session, secret.Refused == 0 ? overused : null);
                    break;
                case SecretUse.Accepted:
                    session.Execute(
                        "INSERT INTO secret_uses (secret_id, fingerprint, node_id, seen) VALUES ($1, $2, $3, 0)",
                        secretId,
                        usedBy.Hex,
                        nodeId);
                    NodeTables.Secrets.Update(session, secret, secret with { Uses = secret.Uses + 1 });
                    break;
            }

            return verdict;
        });

    public void SeeKey(Fingerprint key)
    {
        // Asked first: it is written once in the life of a pairing, and asked for with every channel.
        bool unseen = Database.Read(session => session.Number(
            "SELECT 1 FROM secret_uses WHERE fingerprint = $1 AND seen = 0 LIMIT 1", key.Hex)) is not null;
        if (unseen)
        {
            Database.Write(session => session.Execute(
                "UPDATE secret_uses SET seen = 1 WHERE fingerprint = $1", key.Hex));
        }
    }

    public IReadOnlyList<Guid> ExpelKeys(
        Guid? nodeId,
        IReadOnlyCollection<Fingerprint> keys,
        DateTimeOffset now,
        Fingerprint successor = default,
        Guid? inUse = null) =>
        Database.Write(session =>
        {
            // A key that was replaced since it paired is none of today's, and its thief is no less thrown out.
            HashSet<string> all = [.. keys.Select(key => key.Hex)];
            all.UnionWith(session.List(
                "SELECT fingerprint FROM secret_uses WHERE node_id = $1", row => row.Text(), nodeId));
            all.Remove(successor.Hex);
            var ended = new List<Guid>();
            foreach (string key in all)
            {
                session.Execute(
                    "INSERT OR REPLACE INTO expelled_keys (fingerprint, last_secret) "
                        + "VALUES ($1, coalesce((SELECT max(id) FROM secrets), 0))",
                    key);
                ended.AddRange(session.List(
                    "SELECT secret_id FROM secrets WHERE revoked IS NULL AND secret_id IS NOT $2 AND secret_id IN "
                        + "(SELECT secret_id FROM secret_uses WHERE fingerprint = $1)",
                    row => row.Id(),
                    key,
                    inUse));
            }

            foreach (Guid secret in ended.Distinct())
            {
                session.Execute("UPDATE secrets SET revoked = $2 WHERE secret_id = $1", secret, now);
            }

            return (IReadOnlyList<Guid>)[.. ended.Distinct()];
        });

    public bool IsExpelled(Guid secretId, Fingerprint key) =>
        Database.Read(session => IsExpelled(session, secretId, key));

    private static bool IsExpelled(Session session, Guid secretId, Fingerprint key) => session.Number(
        "SELECT 1 FROM expelled_keys WHERE fingerprint = $1 AND last_secret >= "
            + "(SELECT id FROM secrets WHERE secret_id = $2)",
        key.Hex,
        secretId) is not null;

    // A revoked or expired secret says so to everybody: only its holder can ask.
    private static SecretUse Judge(
        Session session, SecretRecord secret, Fingerprint usedBy, long? seen, string engineName, DateTimeOffset now)
    {
        if (secret.Revoked is not null)
        {
            return SecretUse.Revoked;
        }

        if (secret.ExpiresAt <= now || secret.Created - now > ClockSlack)
        {
            return SecretUse.Expired;
        }

        if (secret.EngineName is { } bound && !bound.Equals(engineName, StringComparison.OrdinalIgnoreCase))
        {
            return SecretUse.BoundToAnother;
        }

        return (IsExpelled(session, secret.SecretId, usedBy), seen) switch
        {
            (true, _) => SecretUse.Expelled,
            (_, 0) => SecretUse.Repeated,
            (_, not null) => SecretUse.Spent,
            _ => secret.Uses < secret.MaxUses ? SecretUse.Accepted : SecretUse.UsedUp,
        };
    }
}
