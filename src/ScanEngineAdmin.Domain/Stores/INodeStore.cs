using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Pairing;

namespace ScanEngineAdmin.Domain.Stores;

/// <summary>
/// What both kinds of node keep. Safe for many threads and many processes at once. Every member throws
/// <see cref="ScanEngineException"/> (StoreLocked, StoreDamaged, StoreNewer, StoreFull, DataFolderNotWritable) and
/// nothing of the database library. What a member returns from is durable when it returns.
/// </summary>
internal interface INodeStore : IDisposable
{
    /// <summary>Changes when another connection has written: a cheap question for whoever watches.</summary>
    long DataVersion { get; }

    /// <summary>
    /// Writes a copy of all of it to a new file, as it is at one moment but for findings that arrive meanwhile; others
    /// go on writing, and no read lasts longer than a piece. Cancelled or failed, it leaves no file.
    /// </summary>
    void CopyTo(string path, Action<double>? progress, CancellationToken cancellationToken);

    /// <summary>How much room there is for more.</summary>
    StoreRoom Room();

    /// <summary>
    /// For the node that runs on this store: keeps a file of some megabytes beside it, as far as there is room for one,
    /// which is given up when an admin must write on a full disk. From then on this store's own writes leave it alone.
    /// </summary>
    void KeepReserve();

    /// <summary>
    /// One small step of removing what was marked as removed, and of giving its room back to the disk; false when
    /// nothing is left to do. It holds the write lock for as long as a batch does.
    /// </summary>
    bool CleanUp();

    /// <summary>Reads all of it, and throws StoreDamaged where it does not hold together.</summary>
    void Check();

    NodeRecord? GetNode();

    void SetNode(NodeRecord node);

    /// <summary>Changes the node's record in one transaction; false if there is none.</summary>
    bool UpdateNode(Func<NodeRecord, NodeRecord> change);

    string? GetSetting(string key);

    void SetSetting(string key, string? value);

    /// <summary>All settings whose key begins so.</summary>
    IReadOnlyDictionary<string, string> ListSettings(string prefix);

    void AddSecret(SecretRecord secret);

    SecretRecord? GetSecret(Guid secretId);

    IReadOnlyList<SecretRecord> ListSecrets();

    /// <summary>False if there is no such secret.</summary>
    bool RevokeSecret(Guid secretId, DateTimeOffset now);

    /// <summary>
    /// Counts a use in one transaction, or says why not. The key that used a secret may use it again until
    /// <see cref="SeeKey"/>: its pairing may have been cut off before it heard the answer. The first use that is one too
    /// many is noted as <paramref name="overused"/> in the same transaction: once, and not lost.
    /// </summary>
    SecretUse UseSecret(
        Guid secretId,
        Fingerprint usedBy,
        Guid nodeId,
        string engineName,
        DateTimeOffset now,
        AuditEvent? overused = null);

    /// <summary>A channel proved that key: what it paired by has served its purpose.</summary>
    void SeeKey(Fingerprint key);

    /// <summary>
    /// Throws keys out: every secret that they, or that node with another key, used is revoked, and no secret that
    /// there is now pairs them again. Returns the secrets that ended by that.
    /// </summary>
    /// <param name="nodeId">The node that has them; null if it never said.</param>
    /// <param name="keys">Its keys.</param>
    /// <param name="now">The time.</param>
    /// <param name="successor">The key that takes their place, if one does: it stays.</param>
    /// <param name="inUse">The secret by which it does: it is not revoked.</param>
    IReadOnlyList<Guid> ExpelKeys(
        Guid? nodeId,
        IReadOnlyCollection<Fingerprint> keys,
        DateTimeOffset now,
        Fingerprint successor = default,
        Guid? inUse = null);

    /// <summary>Whether that key was thrown out since the secret was made.</summary>
    bool IsExpelled(Guid secretId, Fingerprint key);

    void AddEvent(AuditEvent auditEvent);

    /// <summary>Newest first.</summary>
    IReadOnlyList<AuditEvent> ListEvents(int newest);

    /// <summary>
    /// What was written after that place, oldest first and some at a time, with the place after them. Null stands for
    /// the end: nothing, and where it is.
    /// </summary>
    (IReadOnlyList<AuditEvent> Events, long Place) ReadEvents(long? after);

    /// <summary>
    /// Asks the host's firewall applier, in place of what was asked before for that change, and returns the row. A
    /// Close stays a Close: an Open that comes after it changes nothing.
    /// </summary>
    FirewallRequest AskFirewall(FirewallRequest request);

    FirewallRequest? GetFirewallRequest(Guid changeId);

    /// <summary>The requests that were not closed yet, oldest first: for the node that asks.</summary>
    IReadOnlyList<FirewallRequest> ListOpenFirewall();

    /// <summary>What the applier has to do: what is not answered, then what is not done.</summary>
    IReadOnlyList<FirewallRequest> ListAskedFirewall(int most);

    /// <summary>
    /// Writes an answer, with a note of it; neither, and false, if something else was asked meanwhile.
    /// </summary>
    bool AnswerFirewall(FirewallRequest answered, AuditEvent? note = null);
}
