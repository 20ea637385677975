using ScanEngineAdmin.Core.Console;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Storage;

namespace ScanEngineAdmin.Service;

/// <summary>A Security Console as a process.</summary>
internal static class ConsoleHost
{
    public static async Task<int> RunAsync(HostArguments arguments)
    {
        using var stop = new StopSignal(arguments.StopWithStdin);
        var options = new ConsoleNodeOptions
        {
            AdvertisedAddress = arguments.Advertise,
            KeepScans = arguments.KeepScans,
        };
        ConsoleNode node = await ConsoleNode.StartAsync(
            DataFolder.Resolve(arguments.Data),
            new SqliteStoreProvider(),
            arguments.Listen is { } listen ? options with { Listen = listen } : options,
            new JsonLog(Console.Out).Write,
            CancellationToken.None).ConfigureAwait(false);
        await using (node.ConfigureAwait(false))
        {
            await Task.WhenAny(stop.Asked, node.Completion).ConfigureAwait(false);
        }

        return await ExitCode.OfAsync(node.Completion).ConfigureAwait(false);
    }
}
