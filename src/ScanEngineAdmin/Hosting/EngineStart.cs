using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Engine;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Loading;

namespace ScanEngineAdmin.Hosting;

/// <summary>What starting an engine as a listener and as a poller have in common.</summary>
internal static class EngineStart
{
    /// <summary>How the engine of a folder stands before it is started.</summary>
    public static EngineStatus GetStatus(DataFolder folder, out NodeInfo info)
    {
        using EngineAdmin admin = EngineAdmin.Open(folder, Stores.Provider);
        info = admin.Describe();
        return EngineStatus.Of(admin);
    }

    /// <summary>The engine of this process on that folder; the listener and the pollers share it.</summary>
    public static async Task<(HostedEngine Engine, bool IsMine)> StartAsync(
        DataFolder folder, EngineNodeOptions options, string? logPath, CancellationToken cancellationToken)
    {
        (HostedNode node, bool mine) = await ModuleLifetime.Nodes.FindOrStartAsync(
            folder.Engine,
            token => HostedEngine.StartAsync(folder, Stores.Provider, options, logPath, token),
            cancellationToken).ConfigureAwait(false);
        return ((HostedEngine)node, mine);
    }

    public static ScanEngineException Conflict(string message, string command, string target) => new(
        FaultCode.DirectionConflict,
        message,
        $"Use {command}, or change the direction on the console: Set-ScanEngineCommunication.",
        target);
}
