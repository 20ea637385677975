using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Console;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Hosting;

/// <summary>A Security Console that runs in this process.</summary>
internal sealed class HostedConsole : HostedNode
{
    private readonly ConsoleNode _node;
    private readonly ConsoleAdmin _admin;
    private ConsoleStatus _last;

    private HostedConsole(ConsoleNode node, ConsoleAdmin admin, NodeLogTap log, string? advertisedAddress)
        : base(node, admin, node.Completion, log)
    {
        AdvertisedAddress = advertisedAddress;
        _node = node;
        _admin = admin;
        _last = ConsoleStatus.Of(admin, running: true);
    }

    /// <summary>What it was started with.</summary>
    public string? AdvertisedAddress { get; }

    public static Task<HostedNode> StartAsync(
        DataFolder folder, IStoreProvider stores, ConsoleNodeOptions options, string? logPath,
        CancellationToken cancellationToken) => StartAsync(
            logPath,
            log => ConsoleNode.StartAsync(folder, stores, options, log.Write, cancellationToken),
            (node, log) => new HostedConsole(node, ConsoleAdmin.Open(folder, stores), log, options.AdvertisedAddress));

    public ConsoleStatus GetStatus()
    {
        if (!Ended)
        {
            _last = ConsoleStatus.Of(_admin, running: true) with { EndPoint = _node.EndPoint.ToString() };
            return _last;
        }

        return _last with { State = Fault is null ? NodeState.Stopped : NodeState.Faulted };
    }
}
