using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Domain.Stores;

/// <summary>The Scan Engine's store: its consoles, the scans it took on, and the spool of what it found.</summary>
internal interface IEngineStore : INodeStore
{
    IReadOnlyList<ConsoleRecord> ListConsoles();

    ConsoleRecord? GetConsole(Guid pairingId);

    /// <exception cref="ScanEngineException">IdentityConflict: that console id has another pairing here.</exception>
    void AddConsole(ConsoleRecord console);

    ConsoleRecord? UpdateConsole(Guid pairingId, Func<ConsoleRecord, ConsoleRecord> change);

    /// <summary>
    /// Adds the console of that pairing or changes the one that is there, in the place of the former ones (with their
    /// scans and spool): all of it or nothing.
    /// </summary>
    /// <exception cref="ScanEngineException">IdentityConflict: as <see cref="AddConsole"/>.</exception>
    ConsoleRecord PutConsole(
        Guid pairingId, IReadOnlyCollection<Guid> former, Func<ConsoleRecord?, ConsoleRecord> put);

    /// <summary>
    /// Adds a pending console; the oldest pending ones beyond the caps (per observed address, in all) go.
    /// </summary>
    void AddPendingConsole(ConsoleRecord console, int capPerAddress, int capInAll);

    /// <summary>Removes the console with its scans and their spool; false if there is none.</summary>
    bool RemoveConsole(Guid pairingId);

    /// <summary>
    /// Takes a scan on. An equal scan and attempt is there already: returns what is there, changes nothing. An older
    /// attempt is there: it is replaced with its spool. A newer one is there: returns that.
    /// </summary>
    EngineScanRecord AcceptScan(EngineScanRecord scan);

    EngineScanRecord? GetScan(Guid pairingId, Guid scanId);

    IReadOnlyList<EngineScanRecord> ListScans(Guid? pairingId = null);

    EngineScanRecord? UpdateScan(Guid pairingId, Guid scanId, Func<EngineScanRecord, EngineScanRecord> change);

    /// <summary>
    /// Spools the next batch and moves the scan's cursor, last batch and state in one durable transaction.
    /// </summary>
    /// <exception cref="ScanEngineException">StoreFull: less than the floor is left; a last batch passes.</exception>
    void AppendBatch(Guid pairingId, Guid scanId, int attempt, ScanBatch batch);

    /// <summary>Spooled batches after <paramref name="after"/> in order, at most <paramref name="count"/>.</summary>
    IReadOnlyList<ScanBatch> ReadBatches(Guid pairingId, Guid scanId, int attempt, long after, int count);

    /// <summary>
    /// Records the acknowledgement and drops the acknowledged batches; with the last one of a scan that is over, the scan.
    /// </summary>
    void AcknowledgeBatches(Guid pairingId, Guid scanId, int attempt, long upTo);

    /// <summary>Removes a scan with its spool, unless a later attempt has taken its place.</summary>
    bool RemoveScan(Guid pairingId, Guid scanId, int attempt);

    /// <summary>Bytes of scan data spooled and not yet acknowledged.</summary>
    long SpooledBytes();

    /// <summary>The same of one pairing; it counts, so it is not to be asked for with every batch.</summary>
    long SpooledBytes(Guid pairingId);
}
