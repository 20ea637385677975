using ScanEngineAdmin.Core.Console;

namespace ScanEngineAdmin.Service;

/// <summary>A Security Console as a process.</summary>
internal static class ConsoleHost
{
    public static Task<int> RunAsync(HostArguments arguments)
    {
        var options = new ConsoleNodeOptions
        {
            AdvertisedAddress = arguments.Advertise,
            KeepScans = arguments.KeepScans,
        };
        options = arguments.Listen is { } listen ? options with { Listen = listen } : options;
        return NodeProcess.RunAsync(
            arguments,
            (folder, stores, log) => ConsoleNode.StartAsync(folder, stores, options, log, CancellationToken.None),
            node => node.Completion);
    }
}
