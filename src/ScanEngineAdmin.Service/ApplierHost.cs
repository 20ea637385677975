using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Applier;

namespace ScanEngineAdmin.Service;

/// <summary>The privileged firewall applier of a console's or an engine's host, as a process of its own.</summary>
internal static class ApplierHost
{
    public static Task<int> RunAsync(HostArguments arguments)
    {
        NodeRole role = arguments.Role
            ?? throw new UsageException("firewall-applier needs --role console or --role engine.");
        var options = new FirewallApplierOptions
        {
            Ports = arguments.Ports,
            AllowFrom = arguments.AllowFrom,
            Provider = arguments.Provider,
            StateFolder = arguments.State,
        };
        return NodeProcess.RunAsync(
            arguments,
            (folder, stores, log) => FirewallApplierService.StartAsync(
                folder, role, stores, options, log, CancellationToken.None),
            service => service.Completion);
    }
}
