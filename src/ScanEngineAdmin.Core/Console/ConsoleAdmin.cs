using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Direction;
using ScanEngineAdmin.Core.Engines;
using ScanEngineAdmin.Core.Firewall;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Core.Pairing;
using ScanEngineAdmin.Core.Scans;
using ScanEngineAdmin.Core.Storage;

namespace ScanEngineAdmin.Core.Console;

/// <summary>
/// What an admin does to a console, from any process on its host: writes the wish into its store and rings. What needs a
/// running console says so (ConsoleNotRunning).
/// </summary>
public sealed class ConsoleAdmin : IDisposable
{
    public IConsoleStore Store => throw new NotImplementedException();

    public DataFolder Folder => throw new NotImplementedException();

    public static ConsoleAdmin Open(DataFolder folder, IStoreProvider stores, TimeProvider? time = null) => throw new NotImplementedException($"{folder}{stores}{time}");

    public NodeInfo Describe() => throw new NotImplementedException();

    /// <summary>Asks the running console, in whatever process, to stop, and waits for it. False if none runs.</summary>
    public Task<bool> StopAsync(TimeSpan timeout, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>By name, without case. Throws EngineNotFound.</summary>
    public EngineRecord GetEngine(string name) => throw new NotImplementedException();

    /// <summary>Registers a standard engine for approval. With a fingerprint its identity is confirmed beforehand.</summary>
    public EngineRecord RegisterEngine(string name, string address, int port, Fingerprint? fingerprint) => throw new NotImplementedException();

    /// <summary>Dials a standard engine and pairs by the secret that its admin made.</summary>
    public Task<EngineRecord> RegisterEngineAsync(
        string name, string address, int port, PairingSecret secret, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Confirms an engine's identity after its fingerprint was compared. Throws FingerprintMismatch.</summary>
    public EngineRecord ApproveEngine(Guid pairingId, Fingerprint compared) => throw new NotImplementedException();

    public EngineRecord SetEngine(Guid pairingId, string? newName, string? address, int? port) => throw new NotImplementedException();

    public void UnregisterEngine(Guid pairingId) => throw new NotImplementedException();

    /// <summary>Makes a pairing secret; the text of the result is the only copy there will ever be.</summary>
    public (SecretRecord Record, PairingSecret Secret) CreateSecret(TimeSpan expiresIn, string? engineName, bool singleUse) => throw new NotImplementedException();

    public void RevokeSecret(Guid secretId) => throw new NotImplementedException();

    /// <summary>Queues a scan. Throws TargetInvalid, PortRangeInvalid, TooManyTargets before anything is written.</summary>
    public ScanRecord QueueScan(Guid pairingId, ScanRequest request) => throw new NotImplementedException();

    public ScanRecord StopScan(Guid scanId) => throw new NotImplementedException();

    /// <summary>Removes a finished scan with its findings. Throws ScanNotFinished, ScanNotFound.</summary>
    public void RemoveScan(Guid scanId) => throw new NotImplementedException();

    /// <summary>Watches a scan until it is finished. Throws TimedOut, ScanNotFound.</summary>
    public Task<ScanRecord> WaitScanAsync(
        Guid scanId, TimeSpan timeout, Action<ScanRecord>? progress, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Watches an engine until <paramref name="until"/> holds. Throws TimedOut, EngineNotFound.</summary>
    public Task<EngineRecord> WaitEngineAsync(
        Guid pairingId, Func<EngineRecord, bool> until, TimeSpan timeout, Action<EngineRecord>? progress, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>What a change would mean for both hosts' firewalls; touches nothing.</summary>
    public FirewallPlan PlanChange(Guid pairingId, DirectionWish wish) => throw new NotImplementedException();

    /// <summary>
    /// Changes the direction and waits for the outcome and the engine's acknowledgement. The plan says Committed. An
    /// engine already there: nothing happens, the plan has only Keep. Throws ChangeFailed (rolled back, with the cause),
    /// ChangeInProgress, ConsoleNotRunning, AddressRequired, ConsoleAddressRequired, TimedOut.
    /// </summary>
    public Task<FirewallPlan> ChangeDirectionAsync(
        Guid pairingId, DirectionWish wish, Action<ChangeRecord>? progress, CancellationToken cancellationToken) => throw new NotImplementedException();

    public void Dispose() => throw new NotImplementedException();
}
