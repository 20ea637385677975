using System.CommandLine;
using System.Net;
using ScanEngineAdmin.Core.Console;
using ScanEngineAdmin.Service.Arguments;
using ScanEngineAdmin.Service.Hosting;

namespace ScanEngineAdmin.Service;

/// <summary>A Security Console as a process.</summary>
internal static class ConsoleHost
{
    public static Command Create()
    {
        var node = new NodeArguments();
        Option<IPEndPoint?> listen = HostOption.Of<IPEndPoint>(
            "--listen", "ADDRESS:PORT", "default [::]:40815; port 0 lets the system choose", OptionValues.EndPoint);
        Option<string?> advertise = HostOption.Text(
            "--advertise", "HOST", "name or address that reverse engines are told to dial");
        Option<TimeSpan?> keep = HostOption.Of<TimeSpan?>(
            "--keep-scans",
            "DAYS",
            "how long finished scans are kept; remembered (365 while it was never given)",
            OptionValues.Days);
        Command command = node.To("console", "Run a Security Console.", listen, advertise, keep);
        command.SetAction((parsed, _) => RunAsync(node.Read(parsed), new ConsoleNodeOptions
        {
            AdvertisedAddress = parsed.GetValue(advertise),
            KeepScans = parsed.GetValue(keep),
        }, parsed.GetValue(listen)));
        return command;
    }

    private static Task<int> RunAsync(NodeSettings settings, ConsoleNodeOptions options, IPEndPoint? listen)
    {
        options = listen is null ? options : options with { Listen = listen };
        return NodeHost.RunAsync(
            settings,
            (folder, stores, log) => ConsoleNode.StartAsync(folder, stores, options, log, CancellationToken.None),
            node => node.Completion);
    }
}
