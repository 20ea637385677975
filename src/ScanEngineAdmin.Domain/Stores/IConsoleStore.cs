using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Domain.Schedules;

namespace ScanEngineAdmin.Domain.Stores;

/// <summary>The Security Console's store.</summary>
internal interface IConsoleStore : INodeStore
{
    IReadOnlyList<EngineRecord> ListEngines();

    /// <summary>The names of those that are more than a stranger's claim; read in a fraction of the time.</summary>
    IReadOnlyList<(Guid PairingId, string Name)> ListConfirmedNames();

    EngineRecord? GetEngine(Guid pairingId);

    /// <summary>By the engine's own id, which is in one pairing at most.</summary>
    EngineRecord? FindEngine(Guid engineId);

    /// <summary>By a key that is pinned for it.</summary>
    EngineRecord? FindEngine(Fingerprint pin);

    /// <summary>By its name, without case.</summary>
    EngineRecord? FindEngine(string name);

    /// <summary>Those whose names begin so, without case, in the order of their names.</summary>
    IReadOnlyList<EngineRecord> ListEngines(string prefix, int most);

    /// <exception cref="ScanEngineException">EngineNameInUse (names compare without case), IdentityConflict (engine
    /// id).</exception>
    void AddEngine(EngineRecord engine);

    /// <summary>
    /// Reads, changes and writes in one transaction; null if there is none. The same errors as adding.
    /// </summary>
    EngineRecord? UpdateEngine(Guid pairingId, Func<EngineRecord, EngineRecord> change);

    /// <summary>As <see cref="INodeStore.DataVersion"/>, but for the contacts that this store has saved.</summary>
    long VersionWithoutContacts { get; }

    /// <summary>How often an engine was added, removed or changed in anything but its contacts, by whomever.</summary>
    long EngineWrites { get; }

    /// <summary>Writes many contacts in one transaction; contacts of engines that are gone are ignored.</summary>
    void SaveContacts(IReadOnlyCollection<EngineContact> contacts);

    /// <summary>
    /// Adds a pending engine; the oldest pending ones beyond the caps (per observed address, in all) go.
    /// </summary>
    void AddPendingEngine(EngineRecord engine, int capPerAddress, int capInAll);

    /// <summary>
    /// Removes the engine with its changes, its pending change and its scans; false if there is none. It costs a few
    /// rows: the scans are out of sight at once, and go with their findings step by step
    /// (<see cref="INodeStore.CleanUp"/>).
    /// </summary>
    bool RemoveEngine(Guid pairingId);

    /// <summary>Of all engines that have stored anything, or have a quota.</summary>
    IReadOnlyDictionary<Guid, EngineUsage> ListUsage();

    /// <summary>What an engine's scans may take here; null for the default. False if there is no such engine.</summary>
    bool SetQuota(Guid pairingId, long? bytes, AuditEvent? note = null);

    /// <summary>
    /// Removes the oldest finished scans: those that ended before <paramref name="before"/>, and of an engine that has
    /// used more than three quarters of its quota the oldest one. At most a few at a time, each noted.
    /// </summary>
    IReadOnlyList<ScanRecord> RemoveOldScans(DateTimeOffset before, Func<ScanRecord, AuditEvent> note);

    /// <summary>Adds it, and the note of it in the same transaction.</summary>
    void AddScan(ScanRecord scan, AuditEvent? note = null);

    ScanRecord? GetScan(Guid scanId);

    /// <summary>Oldest first.</summary>
    IReadOnlyList<ScanRecord> ListScans(Guid? pairingId = null, bool unfinishedOnly = false);

    /// <summary>Pairings that have an unfinished scan, without the parts of pool scans.</summary>
    IReadOnlyList<Guid> ListPairingsWithScans();

    /// <summary>Running and dispatched scans per pairing; pairings without one are absent.</summary>
    IReadOnlyDictionary<Guid, int> CountRunningScans();

    /// <summary>
    /// Reads, changes and writes in one transaction, with the note of what it has become if there is one to make; null
    /// if there is no such scan. What <paramref name="change"/> throws is thrown on, and nothing is written.
    /// </summary>
    ScanRecord? UpdateScan(
        Guid scanId, Func<ScanRecord, ScanRecord> change, Func<ScanRecord, AuditEvent?>? note = null);

    /// <summary>
    /// Removes it, and notes it in the same transaction; false if there is none. Its findings are out of sight at once
    /// and go step by step (<see cref="INodeStore.CleanUp"/>). What
    /// <paramref name="note"/> throws is thrown on, and nothing is removed.
    /// </summary>
    bool RemoveScan(Guid scanId, Func<ScanRecord, AuditEvent?>? note = null);

    /// <summary>
    /// Stores a batch with its findings and the scan's progress, durably, only if it is the next one of that attempt of
    /// that pairing's scan. A large one is written in parts, so that no transaction is large; the batch counts with the
    /// last of them. A finding that is already there is not stored twice.
    /// Of the last batch, <paramref name="settle"/> says in the same transaction what becomes of the scan.
    /// <paramref name="added"/> is told afterwards how many of the findings were not there before.
    /// </summary>
    /// <exception cref="ScanEngineException">
    /// StoreFull: the disk has less than the floor left; QuotaReached: the engine has used its quota.
    /// </exception>
    BatchOutcome SaveBatch(
        Guid pairingId,
        Guid scanId,
        int attempt,
        ScanBatch batch,
        DateTimeOffset now,
        Func<ScanRecord, ScanRecord>? settle = null,
        Action<int>? added = null);

    /// <summary>Findings in order of their unit, streamed; reading takes nothing away.</summary>
    IEnumerable<Finding> ReadFindings(Guid scanId, long afterUnit = -1);

    /// <summary>The names of the engines by the parts of a pool's scan, as findings have them.</summary>
    IReadOnlyDictionary<long, string> ListPartEngines(Guid scanId);

    /// <summary>By name.</summary>
    IReadOnlyList<EnginePool> ListPools();

    EnginePool? GetPool(Guid poolId);

    /// <summary>By its name, without case.</summary>
    EnginePool? FindPool(string name);

    /// <summary>Its engines, by name.</summary>
    IReadOnlyList<PoolMember> ListPoolMembers(Guid poolId);

    /// <exception cref="ScanEngineException">PoolNameInUse, EngineNotFound (a member is not there).</exception>
    void AddPool(EnginePool pool, IReadOnlyCollection<Guid> members, AuditEvent? note = null);

    /// <summary>Changes it and its members in one transaction; null if there is none.</summary>
    /// <exception cref="ScanEngineException">PoolNameInUse, EngineNotFound.</exception>
    EnginePool? UpdatePool(
        Guid poolId,
        Func<EnginePool, EnginePool> change,
        IReadOnlyCollection<Guid> add,
        IReadOnlyCollection<Guid> remove,
        AuditEvent? note = null);

    /// <summary>Removes it unless it has scans that are not finished; false if there is none.</summary>
    /// <exception cref="ScanEngineException">PoolInUse.</exception>
    bool RemovePool(Guid poolId, AuditEvent? note = null);

    /// <summary>The ids of the unfinished scans of pools, oldest first.</summary>
    IReadOnlyList<Guid> ListPoolScans();

    /// <summary>A pool's scan with its parts and the pool's members; null if there is none.</summary>
    PoolView? GetPoolView(Guid scanId);

    /// <summary>
    /// Reads, judges and writes in one transaction, with the parts that change and the one that is given; null if there
    /// is no such scan, or nothing to change.
    /// </summary>
    PoolStep? UpdatePoolScan(
        Guid scanId, Func<PoolView, PoolStep?> change, Func<ScanRecord, AuditEvent?>? note = null);

    /// <summary>
    /// Adds a change of direction. Only one per engine may be undecided, and an earlier one's outcome must have been
    /// acknowledged. It must start from the direction in force, under a later epoch than the engine's.
    /// </summary>
    /// <exception cref="ScanEngineException">ChangeInProgress, EngineNotFound.</exception>
    void AddChange(ChangeRecord change, AuditEvent? note = null);

    ChangeRecord? GetChange(Guid changeId);

    /// <summary>Newest first; <paramref name="openOnly"/> leaves out those decided and acknowledged.</summary>
    IReadOnlyList<ChangeRecord> ListChanges(Guid? pairingId = null, bool openOnly = false);

    /// <summary>
    /// Changes a change and its engine together in one durable transaction, with the note of it if there is one to make:
    /// the point of decision.
    /// </summary>
    (ChangeRecord Change, EngineRecord Engine)? UpdateChange(
        Guid changeId,
        Func<ChangeRecord, EngineRecord, (ChangeRecord Change, EngineRecord Engine)> change,
        Func<ChangeRecord, EngineRecord, AuditEvent>? note = null);

    PendingDirectionChange? GetPendingChange(Guid pairingId);

    /// <summary>Oldest first.</summary>
    IReadOnlyList<PendingDirectionChange> ListPendingChanges();

    /// <summary>Records the change in place of an earlier one of that engine.</summary>
    /// <exception cref="ScanEngineException">EngineNotFound.</exception>
    void SetPendingChange(PendingDirectionChange pending);

    /// <summary>Reads, changes and writes in one transaction; null if there is none.</summary>
    PendingDirectionChange? UpdatePendingChange(
        Guid pairingId, Func<PendingDirectionChange, PendingDirectionChange> change);

    /// <summary>False if there is none, or none for <paramref name="only"/>.</summary>
    bool RemovePendingChange(Guid pairingId, CommunicationDirection? only = null);

    /// <exception cref="ScanEngineException">ScheduleNameInUse (names compare without case), ScheduleInvalid (there are
    /// too many), EngineNotFound.</exception>
    void AddSchedule(ScheduleRecord schedule, AuditEvent? note = null);

    /// <summary>By its name, without case.</summary>
    ScheduleRecord? FindSchedule(string name);

    /// <summary>In the order of their names.</summary>
    IReadOnlyList<ScheduleRecord> ListSchedules();

    /// <summary>The same without what is scanned, which they do not have then; read in a fraction of the time.</summary>
    IReadOnlyList<ScheduleRecord> ListScheduleTerms();

    /// <summary>Reads, changes and writes in one transaction, with the note of it; null if there is none.</summary>
    ScheduleRecord? UpdateSchedule(
        string name, Func<ScheduleRecord, ScheduleRecord> change, Func<ScheduleRecord, AuditEvent?>? note = null);

    /// <summary>Removes it with the note of it; its runs stay. False if there is none.</summary>
    bool RemoveSchedule(string name, Func<ScheduleRecord, AuditEvent?>? note = null);

    /// <summary>
    /// Enters a run and moves the schedule's next time in one durable transaction: neither is ever without the other.
    /// <paramref name="step"/> is given the schedule, the name of its engine or pool, and whether a run of it is not finished; null if
    /// there is no such schedule.
    /// </summary>
    ScheduleStep? StepSchedule(string name, Func<ScheduleRecord, string, bool, ScheduleStep> step);

    /// <summary>The runs of a schedule that were completed or stopped, newest first.</summary>
    IReadOnlyList<ScanRecord> ListScheduleRuns(string name, int newest);
}
