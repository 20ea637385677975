using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Core.Storage;

namespace ScanEngineAdmin.Core.Engine;

/// <summary>
/// A running Scan Engine: for every pairing it listens or polls as that pairing's direction says, both while a change is
/// in doubt. One per data folder.
/// </summary>
public sealed class EngineNode : IAsyncDisposable
{
    /// <summary>Where it listens now; null while no pairing asks for it.</summary>
    public IPEndPoint? EndPoint => throw new NotImplementedException();

    public Fingerprint Fingerprint => throw new NotImplementedException();

    public Guid EngineId => throw new NotImplementedException();

    public Task Completion => throw new NotImplementedException();

    /// <exception cref="ScanEngineException">EngineAlreadyRunning, PortInUse, AddressNotAvailable, the store's, the key's.</exception>
    public static Task<EngineNode> StartAsync(
        DataFolder folder, IStoreProvider stores, EngineNodeOptions options, NodeLog log, CancellationToken cancellationToken) =>
        throw new NotImplementedException($"{folder}{stores}{options}{log}");

    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
