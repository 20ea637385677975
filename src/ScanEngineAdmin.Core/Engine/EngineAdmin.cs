using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Direction;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Core.Pairing;
using ScanEngineAdmin.Core.Scans;
using ScanEngineAdmin.Core.Storage;

namespace ScanEngineAdmin.Core.Engine;

/// <summary>What an admin does to an engine, from any process on its host: writes into its store and rings.</summary>
public sealed class EngineAdmin : IDisposable
{
    public IEngineStore Store => throw new NotImplementedException();

    public DataFolder Folder => throw new NotImplementedException();

    public static EngineAdmin Open(DataFolder folder, IStoreProvider stores, TimeProvider? time = null) => throw new NotImplementedException($"{folder}{stores}{time}");

    public NodeInfo Describe() => throw new NotImplementedException();

    public Task<bool> StopAsync(TimeSpan timeout, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Dials a console and pairs by the secret made there; the pairing's direction is reverse.</summary>
    public Task<ConsoleRecord> PairAsync(
        string consoleAddress, int port, PairingSecret secret, string engineName, TimeSpan pollInterval, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Names a console to poll, for approval on both sides.</summary>
    public ConsoleRecord RegisterConsole(string consoleAddress, int port, string engineName, TimeSpan pollInterval) => throw new NotImplementedException();

    /// <summary>Approves a pending console after its fingerprint was compared. Throws FingerprintMismatch, ConsoleNotFound.</summary>
    public ConsoleRecord ApproveConsole(Guid pairingId, Fingerprint compared) => throw new NotImplementedException();

    public ConsoleRecord DenyConsole(Guid pairingId) => throw new NotImplementedException();

    /// <summary>Changes the address at which the console is dialled, or proposes a direction to it.</summary>
    public ConsoleRecord SetConsole(Guid pairingId, string? address, int? port, CommunicationDirection? proposal) => throw new NotImplementedException();

    public (SecretRecord Record, PairingSecret Secret) CreateSecret(TimeSpan expiresIn, string? engineName, bool singleUse) => throw new NotImplementedException();

    public void RevokeSecret(Guid secretId) => throw new NotImplementedException();

    /// <summary>What may be scanned from here; the engine's admin has the last word.</summary>
    public TargetPolicy GetPolicy() => throw new NotImplementedException();

    public void SetPolicy(TargetPolicy policy) => throw new NotImplementedException();

    public void Dispose() => throw new NotImplementedException();
}
