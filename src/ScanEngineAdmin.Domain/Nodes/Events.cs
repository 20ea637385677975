namespace ScanEngineAdmin.Domain.Nodes;

/// <summary>
/// The names of the events in the log and in the audit trail; docs/events.md says what each means. Scripts and log
/// collectors look for these names, and stores keep them: never rename one.
/// </summary>
internal static class Events
{
    public const string ApplierFault = nameof(ApplierFault);
    public const string ApplierStarted = nameof(ApplierStarted);
    public const string ApplierStopped = nameof(ApplierStopped);
    public const string ApprovalAnswered = nameof(ApprovalAnswered);
    public const string ApprovalAsked = nameof(ApprovalAsked);
    public const string CertificateAcknowledged = nameof(CertificateAcknowledged);
    public const string CertificateFault = nameof(CertificateFault);
    public const string CertificateFinished = nameof(CertificateFinished);
    public const string CertificateFinishing = nameof(CertificateFinishing);
    public const string CertificateNotTold = nameof(CertificateNotTold);
    public const string CertificatePrepared = nameof(CertificatePrepared);
    public const string CertificateRolledBack = nameof(CertificateRolledBack);
    public const string CertificateRollingBack = nameof(CertificateRollingBack);
    public const string CertificateSwitched = nameof(CertificateSwitched);
    public const string ChangeDecided = nameof(ChangeDecided);
    public const string ChangeInterrupted = nameof(ChangeInterrupted);
    public const string ChannelClosed = nameof(ChannelClosed);
    public const string ChannelOpened = nameof(ChannelOpened);
    public const string ConsoleApproved = nameof(ConsoleApproved);
    public const string ConsoleDenied = nameof(ConsoleDenied);
    public const string ConsoleExported = nameof(ConsoleExported);
    public const string ConsoleImported = nameof(ConsoleImported);
    public const string ConsoleMoved = nameof(ConsoleMoved);
    public const string ConsoleRegistered = nameof(ConsoleRegistered);
    public const string ConsoleSet = nameof(ConsoleSet);
    public const string ConsoleStarted = nameof(ConsoleStarted);
    public const string ConsoleStopped = nameof(ConsoleStopped);
    public const string DialFailed = nameof(DialFailed);
    public const string DirectionAdopted = nameof(DirectionAdopted);
    public const string DirectionChangeRequested = nameof(DirectionChangeRequested);
    public const string DirectionChangeRolledBack = nameof(DirectionChangeRolledBack);
    public const string DirectionChanged = nameof(DirectionChanged);
    public const string DirectionConcluded = nameof(DirectionConcluded);
    public const string DirectionPrepared = nameof(DirectionPrepared);
    public const string DirectionToldAgain = nameof(DirectionToldAgain);
    public const string DiskFull = nameof(DiskFull);
    public const string DiskHasRoom = nameof(DiskHasRoom);
    public const string DiskLow = nameof(DiskLow);
    public const string DoorbellFailed = nameof(DoorbellFailed);
    public const string DoubtEnded = nameof(DoubtEnded);
    public const string EngineApproved = nameof(EngineApproved);
    public const string EngineConnected = nameof(EngineConnected);
    public const string EngineInWrongDirection = nameof(EngineInWrongDirection);
    public const string EngineLost = nameof(EngineLost);
    public const string EngineQuotaSet = nameof(EngineQuotaSet);
    public const string EngineRegistered = nameof(EngineRegistered);
    public const string EngineSet = nameof(EngineSet);
    public const string EngineStarted = nameof(EngineStarted);
    public const string EngineStopped = nameof(EngineStopped);
    public const string EngineUnregistered = nameof(EngineUnregistered);
    public const string EpochAdopted = nameof(EpochAdopted);
    public const string FirewallClosed = nameof(FirewallClosed);
    public const string FirewallNotApplied = nameof(FirewallNotApplied);
    public const string FirewallOpened = nameof(FirewallOpened);
    public const string HandshakeFailed = nameof(HandshakeFailed);
    public const string IdentityTwice = nameof(IdentityTwice);
    public const string LinkFault = nameof(LinkFault);
    public const string LinkInterrupted = nameof(LinkInterrupted);
    public const string ListenFailed = nameof(ListenFailed);
    public const string ListenerClosed = nameof(ListenerClosed);
    public const string ListenerOpened = nameof(ListenerOpened);
    public const string LookFailed = nameof(LookFailed);
    public const string MetricsFault = nameof(MetricsFault);
    public const string MoveFailed = nameof(MoveFailed);
    public const string OutcomeNotHeard = nameof(OutcomeNotHeard);
    public const string OutcomeStale = nameof(OutcomeStale);
    public const string Paired = nameof(Paired);
    public const string PairingEnded = nameof(PairingEnded);
    public const string PairingRefused = nameof(PairingRefused);
    public const string PeerCertificateAnnounced = nameof(PeerCertificateAnnounced);
    public const string PeerCertificateRefused = nameof(PeerCertificateRefused);
    public const string PeerCertificateSettled = nameof(PeerCertificateSettled);
    public const string PeerRefused = nameof(PeerRefused);
    public const string PendingChangeFulfilled = nameof(PendingChangeFulfilled);
    public const string PendingChangeRequested = nameof(PendingChangeRequested);
    public const string PendingChangeTaken = nameof(PendingChangeTaken);
    public const string PendingChangeWithdrawn = nameof(PendingChangeWithdrawn);
    public const string PolicyApplied = nameof(PolicyApplied);
    public const string PolicySet = nameof(PolicySet);
    public const string PollFailed = nameof(PollFailed);
    public const string PollerStopped = nameof(PollerStopped);
    public const string RedialFailed = nameof(RedialFailed);
    public const string ScanContinues = nameof(ScanContinues);
    public const string PoolAdded = nameof(PoolAdded);
    public const string PoolRemoved = nameof(PoolRemoved);
    public const string PoolSet = nameof(PoolSet);
    public const string ScanDataRefused = nameof(ScanDataRefused);
    public const string ScanDataWaits = nameof(ScanDataWaits);
    public const string ScanDispatched = nameof(ScanDispatched);
    public const string ScanExpired = nameof(ScanExpired);
    public const string ScanFenced = nameof(ScanFenced);
    public const string ScanFinished = nameof(ScanFinished);
    public const string ScanInterrupted = nameof(ScanInterrupted);
    public const string ScanLostAtEngine = nameof(ScanLostAtEngine);
    public const string ScanNotTakenOn = nameof(ScanNotTakenOn);
    public const string ScanNotWanted = nameof(ScanNotWanted);
    public const string ScanPartGiven = nameof(ScanPartGiven);
    public const string ScanPartWithdrawn = nameof(ScanPartWithdrawn);
    public const string ScanQueued = nameof(ScanQueued);
    public const string ScanRemoved = nameof(ScanRemoved);
    public const string ScanResultsLost = nameof(ScanResultsLost);
    public const string ScanResumed = nameof(ScanResumed);
    public const string ScanStopped = nameof(ScanStopped);
    public const string ScanSuspended = nameof(ScanSuspended);
    public const string ScheduleAdded = nameof(ScheduleAdded);
    public const string ScheduleBlackOutSet = nameof(ScheduleBlackOutSet);
    public const string ScheduleDifference = nameof(ScheduleDifference);
    public const string ScheduleFault = nameof(ScheduleFault);
    public const string ScheduleRemoved = nameof(ScheduleRemoved);
    public const string ScheduleRun = nameof(ScheduleRun);
    public const string ScheduleRunSkipped = nameof(ScheduleRunSkipped);
    public const string ScheduleRunStopped = nameof(ScheduleRunStopped);
    public const string ScheduleSet = nameof(ScheduleSet);
    public const string SecretCreated = nameof(SecretCreated);
    public const string SecretOverused = nameof(SecretOverused);
    public const string SecretRevoked = nameof(SecretRevoked);
    public const string SpoolFull = nameof(SpoolFull);
    public const string SpoolHasRoom = nameof(SpoolHasRoom);
    public const string StopFault = nameof(StopFault);
    public const string StopRequested = nameof(StopRequested);
    public const string StoreFault = nameof(StoreFault);
    public const string UploadInterrupted = nameof(UploadInterrupted);

    /// <summary>The events of the audit trail; the others are in the log only.</summary>
    public static IReadOnlyList<string> Audited { get; } =
    [
        ApprovalAnswered,
        ApprovalAsked,
        CertificateAcknowledged,
        CertificateFinished,
        CertificateFinishing,
        CertificatePrepared,
        CertificateRolledBack,
        CertificateRollingBack,
        CertificateSwitched,
        ConsoleApproved,
        ConsoleDenied,
        ConsoleExported,
        ConsoleImported,
        ConsoleMoved,
        ConsoleRegistered,
        ConsoleSet,
        DirectionAdopted,
        DirectionChangeRequested,
        DirectionChangeRolledBack,
        DirectionChanged,
        DirectionConcluded,
        DirectionPrepared,
        DirectionToldAgain,
        DiskFull,
        DiskHasRoom,
        DiskLow,
        DoubtEnded,
        EngineApproved,
        EngineInWrongDirection,
        EngineQuotaSet,
        EngineRegistered,
        EngineSet,
        EngineUnregistered,
        EpochAdopted,
        FirewallClosed,
        FirewallNotApplied,
        FirewallOpened,
        IdentityTwice,
        Paired,
        PairingRefused,
        PeerCertificateAnnounced,
        PeerCertificateRefused,
        PeerCertificateSettled,
        PeerRefused,
        PendingChangeFulfilled,
        PendingChangeRequested,
        PendingChangeTaken,
        PendingChangeWithdrawn,
        PolicySet,
        PoolAdded,
        PoolRemoved,
        PoolSet,
        ScanDataRefused,
        ScanExpired,
        ScanQueued,
        ScanRemoved,
        ScanResumed,
        ScanStopped,
        ScanSuspended,
        ScheduleAdded,
        ScheduleBlackOutSet,
        ScheduleDifference,
        ScheduleRemoved,
        ScheduleRun,
        ScheduleRunSkipped,
        ScheduleRunStopped,
        ScheduleSet,
        SecretCreated,
        SecretOverused,
        SecretRevoked,
        StopRequested,
    ];
}
