using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Core.Storage;

namespace ScanEngineAdmin.Core.Console;

/// <summary>A running Security Console: listener, dialler, dispatcher. One per data folder.</summary>
public sealed class ConsoleNode : IAsyncDisposable
{
    public IPEndPoint EndPoint => throw new NotImplementedException();

    public Fingerprint Fingerprint => throw new NotImplementedException();

    public Guid ConsoleId => throw new NotImplementedException();

    /// <summary>Ends when the node has stopped, for whatever reason; faulted if it could not go on.</summary>
    public Task Completion => throw new NotImplementedException();

    /// <exception cref="ScanEngineException">ConsoleAlreadyRunning, PortInUse, AddressNotAvailable, the store's, the key's.</exception>
    public static Task<ConsoleNode> StartAsync(
        DataFolder folder, IStoreProvider stores, ConsoleNodeOptions options, NodeLog log, CancellationToken cancellationToken) =>
        throw new NotImplementedException($"{folder}{stores}{options}{log}");

    /// <summary>Says goodbye on every channel (bounded), frees the port and the folder.</summary>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
