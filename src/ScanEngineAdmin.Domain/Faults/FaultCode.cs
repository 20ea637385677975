namespace ScanEngineAdmin.Domain.Faults;

/// <summary>
/// Everything the product reports as an error, one name each. The name is the error id that scripts match on:
/// never rename one.
/// </summary>
public enum FaultCode
{
    // What was typed.
    EngineNameInvalid,
    AddressInvalid,
    PortInvalid,
    TargetInvalid,
    PortRangeInvalid,
    TooManyTargets,
    OptionInvalid,
    FingerprintInvalid,
    SecretMalformed,
    AddressRequired,
    ConsoleAddressRequired,

    // What was named and is not there, or is there already.
    EngineNotFound,
    EngineNameInUse,
    EngineNameAmbiguous,
    ScanNotFound,
    SecretNotFound,
    ConsoleNotFound,
    ChangeNotFound,

    // The other end.
    NameNotResolved,
    ConnectionRefused,
    AdminProhibited,
    HostUnreachable,
    ConnectTimedOut,
    ProxyRefused,
    WrongService,
    HandshakeFailed,
    HandshakeTimedOut,
    PeerNotTrusted,
    TlsIntercepted,
    IncompatibleVersion,
    ProtocolViolation,
    ConnectionLost,
    PeerSilent,
    PeerBusy,
    WrongRole,
    NotPaired,
    ApprovalPending,
    PairingDenied,
    PairingRevoked,
    IdentityConflict,
    FingerprintMismatch,
    SecretWrong,
    SecretExpired,
    SecretRevoked,
    SecretUsed,
    SecretBound,

    // This host.
    PortInUse,
    AddressNotAvailable,
    DataFolderNotWritable,
    DataFolderInvalid,
    DataFolderOther,
    DataFolderOfAnother,
    DataFolderNotSafe,
    DataFolderReplaced,
    StoreLocked,
    StoreNewer,
    StoreOlder,
    StoreDamaged,
    StoreFull,

    /// <summary>An engine's scans take as much room at the console as its admin gives them.</summary>
    QuotaReached,
    KeyReadableByOthers,
    KeyDamaged,
    KeyNotUsable,
    ConsoleAlreadyRunning,
    EngineAlreadyRunning,
    ConsoleNotRunning,
    EngineNotRunning,

    // Replacing a certificate.
    CertificatePeersLag,
    CertificatePhaseInvalid,

    // Export and import.
    ExportInvalid,
    ExportPassphraseWrong,
    ExportExists,
    ConsoleExists,

    // Direction, scans, waiting.
    DirectionConflict,
    ChangeInProgress,
    ChangeFailed,
    EngineNotReachable,
    ScanRefused,
    ScanFailed,
    ScanNotFinished,
    ScanNotResumable,
    ScanNotSuspendable,
    DeadlinePassed,
    TimedOut,

    // Pools.
    PoolNotFound,
    PoolNameInUse,
    PoolInUse,

    // Applying firewall rules.
    PlanOutdated,
    FirewallAccessDenied,
    ProviderUnavailable,
    FirewallBusy,
    ApplicationNotFound,
    ApplicationUndone,
    FirewallRuleFailed,
    ApplierNotRunning,
    ApplierAlreadyRunning,

    // Schedules.
    ScheduleInvalid,
    ScheduleNotFound,
    ScheduleNameInUse,

    /// <summary>A fault of the product itself.</summary>
    InternalError,

    // Services of this host.
    ServiceManagerNotFound,
    ServiceAccessDenied,
    ServiceProgramNotUsable,
    ServiceNotFound,
    ServiceNotOurs,
    ServiceFailed,
}
