using System.CommandLine;
using System.Net;
using ScanEngineAdmin.Core.Engine;
using ScanEngineAdmin.Service.Arguments;
using ScanEngineAdmin.Service.Hosting;

namespace ScanEngineAdmin.Service;

/// <summary>A Scan Engine as a process.</summary>
internal static class EngineHost
{
    public static Command Create()
    {
        var node = new NodeArguments();
        Option<IPEndPoint?> listen = HostOption.Of<IPEndPoint>(
            "--listen", "ADDRESS:PORT", "default [::]:40814; port 0 lets the system choose", OptionValues.EndPoint);
        Option<bool> once = HostOption.Flag("--once", "poll every console once, do the work, deliver it, end");
        Command command = node.To("engine", "Run a Scan Engine.", listen, once);
        command.SetAction((parsed, _) =>
            RunAsync(node.Read(parsed), parsed.GetValue(once), parsed.GetValue(listen)));
        return command;
    }

    private static Task<int> RunAsync(NodeSettings settings, bool once, IPEndPoint? listen)
    {
        var options = new EngineNodeOptions { Once = once, ListenUnpaired = !once };
        options = listen is null ? options : options with { Listen = listen };
        return NodeHost.RunAsync(
            settings,
            (folder, stores, log) => EngineNode.StartAsync(folder, stores, options, log, CancellationToken.None),
            node => node.Completion);
    }
}
