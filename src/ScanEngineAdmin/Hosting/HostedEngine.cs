using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Engine;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Hosting;

/// <summary>A Scan Engine that runs in this process, for its listener and its pollers alike.</summary>
internal sealed class HostedEngine : HostedNode
{
    private readonly EngineNode _node;
    private readonly EngineAdmin _admin;
    private EngineStatus _last;

    private HostedEngine(EngineNode node, EngineAdmin admin, NodeLogTap log)
        : base(node, admin, node.Completion, log)
    {
        _node = node;
        _admin = admin;
        _last = EngineStatus.Of(admin, running: true);
    }

    public static Task<HostedNode> StartAsync(
        DataFolder folder, IStoreProvider stores, EngineNodeOptions options, string? logPath,
        CancellationToken cancellationToken) => StartAsync(
            logPath,
            log => EngineNode.StartAsync(folder, stores, options, log.Write, cancellationToken),
            (node, log) => new HostedEngine(node, EngineAdmin.Open(folder, stores), log));

    public EngineStatus GetStatus()
    {
        if (!Ended)
        {
            _last = EngineStatus.Of(_admin, running: true) with { EndPoint = _node.EndPoint?.ToString() };
            return _last;
        }

        return _last with { Running = false, Fault = Fault?.Message };
    }
}
