using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Applier;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Hosting;

/// <summary>A firewall applier that runs in this process.</summary>
internal sealed class HostedApplier : HostedNode
{
    private HostedApplier(FirewallDuty duty, NodeLogTap log, FirewallDutyOptions options)
        : base(duty, null, duty.Completion, log) => Options = options;

    /// <summary>What it was started with.</summary>
    public FirewallDutyOptions Options { get; }

    /// <summary>Where it is found again among this process' nodes.</summary>
    public static string Key(DataFolder folder, NodeRole role) =>
        Path.Combine(role == NodeRole.Console ? folder.Console : folder.Engine, "applier");

    public static async Task<HostedNode> StartAsync(
        DataFolder folder, NodeRole role, IStoreProvider stores, FirewallDutyOptions options,
        CancellationToken cancellationToken)
    {
        var log = new NodeLogTap();
        return new HostedApplier(
            await FirewallDuty.StartAsync(folder, role, stores, options, log.Write, cancellationToken)
                .ConfigureAwait(false),
            log,
            options);
    }
}
