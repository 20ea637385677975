namespace ScanEngineAdmin.Domain.Scans;

/// <summary>
/// Why a scan does not go on, or why it ended without being completed. It is said only as far as it is known: while no
/// channel is open nobody knows more than <see cref="LinkLost"/>. Stored by name: never rename one.
/// </summary>
public enum ScanCause
{
    None,

    /// <summary>No channel to the engine is open. The engine goes on scanning, as far as it lives.</summary>
    LinkLost,

    /// <summary>The engine came back as another process: what it had not spooled is scanned again.</summary>
    EngineRestarted,

    /// <summary>The engine's spool is full: the scan waits until the console has taken what is there.</summary>
    SpoolFull,

    /// <summary>The console's disk has less than its floor left: what was found waits at the engine.</summary>
    ConsoleFull,

    /// <summary>The engine's scans take all that its admin lets them at the console.</summary>
    QuotaReached,

    /// <summary>The engine came back without the scan and what it had not delivered of it.</summary>
    SpoolLost,

    /// <summary>The engine reported that its scanner could not go on.</summary>
    EngineFailed,

    /// <summary>The engine's target policy, or a limit of it, forbids the scan.</summary>
    Refused,

    /// <summary>The engine sent what does not belong to the scan.</summary>
    ProtocolViolation,

    StoppedByUser,
    DeadlinePassed,

    /// <summary>It was lost or failed as often as it may; the detail has the last cause.</summary>
    RetriesExhausted,

    /// <summary>It is queued, and no console runs that could start it. Only shown, never stored.</summary>
    ConsoleNotRunning,

    /// <summary>It is queued, and its engine is not there: the detail has the engine's status. As above.</summary>
    EngineNotReached,

    /// <summary>It is queued, and other scans run at its engine. As above.</summary>
    QueuedBehindOthers,

    /// <summary>An admin has suspended it.</summary>
    SuspendedByUser,

    /// <summary>It is queued, and nothing is started while a window lasts: the detail has its end. Only shown.</summary>
    MaintenanceWindow,
}
