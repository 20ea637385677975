using ScanEngineAdmin.Core.Applier;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Storage;

namespace ScanEngineAdmin.Service;

/// <summary>The privileged firewall applier of a console's or an engine's host, as a process of its own.</summary>
internal static class ApplierHost
{
    public static async Task<int> RunAsync(HostArguments arguments)
    {
        using var stop = new StopSignal(arguments.StopWithStdin);
        FirewallApplierService service = await FirewallApplierService.StartAsync(
            DataFolder.Resolve(arguments.Data),
            arguments.Role ?? throw new UsageException("firewall-applier needs --role console or --role engine."),
            new SqliteStoreProvider(),
            new FirewallApplierOptions
            {
                Ports = arguments.Ports,
                Provider = arguments.Provider,
                StateFolder = arguments.State,
            },
            new JsonLog(Console.Out).Write,
            CancellationToken.None).ConfigureAwait(false);
        await using (service.ConfigureAwait(false))
        {
            await Task.WhenAny(stop.Asked, service.Completion).ConfigureAwait(false);
        }

        return await ExitCode.OfAsync(service.Completion).ConfigureAwait(false);
    }
}
