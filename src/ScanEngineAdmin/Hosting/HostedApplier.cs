using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Applier;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Hosting;

/// <summary>A firewall applier that runs in this process.</summary>
internal sealed class HostedApplier : HostedNode
{
    private HostedApplier(FirewallApplierService service, NodeLogTap log, FirewallApplierOptions options)
        : base(service, null, service.Completion, log) => Options = options;

    /// <summary>What it was started with.</summary>
    public FirewallApplierOptions Options { get; }

    /// <summary>Where it is found again among this process' nodes.</summary>
    public static string Key(DataFolder folder, NodeRole role) =>
        Path.Combine(role == NodeRole.Console ? folder.Console : folder.Engine, "applier");

    public static Task<HostedNode> StartAsync(
        DataFolder folder, NodeRole role, IStoreProvider stores, FirewallApplierOptions options,
        string? logPath, CancellationToken cancellationToken) => StartAsync(
            logPath,
            log => FirewallApplierService.StartAsync(folder, role, stores, options, log.Write, cancellationToken),
            (service, log) => new HostedApplier(service, log, options));
}
