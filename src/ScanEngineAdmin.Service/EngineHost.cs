using ScanEngineAdmin.Core.Engine;

namespace ScanEngineAdmin.Service;

/// <summary>A Scan Engine as a process.</summary>
internal static class EngineHost
{
    public static Task<int> RunAsync(HostArguments arguments)
    {
        var options = new EngineNodeOptions { Once = arguments.Once, ListenUnpaired = !arguments.Once };
        options = arguments.Listen is { } listen ? options with { Listen = listen } : options;
        return NodeProcess.RunAsync(
            arguments,
            (folder, stores, log) => EngineNode.StartAsync(folder, stores, options, log, CancellationToken.None),
            node => node.Completion);
    }
}
