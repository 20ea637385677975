using System.Management.Automation;
using System.Net;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Console;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Hosting;
using ScanEngineAdmin.Loading;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Runs a Security Console in this process.</para>
/// <para type="description">The console listens for reverse engines, dials standard ones, and hands out the scans of
/// its store. One runs per data folder; a second start in the same process returns the same console.</para>
/// </summary>
/// <example>
/// <code>Start-SecurityConsole</code>
/// <para>Runs it as long as this PowerShell.</para>
/// </example>
/// <example>
/// <code>Start-SecurityConsole -AdvertisedAddress console.example.org -Wait</code>
/// <para>Runs it until Ctrl+C or SIGTERM.</para>
/// </example>
[Cmdlet(VerbsLifecycle.Start, "SecurityConsole", SupportsShouldProcess = true)]
[OutputType(typeof(SecurityConsole))]
public sealed class StartSecurityConsoleCommand : StartDialingNodeCommand
{
    /// <summary>
    /// <para>The address of this host to listen at; '::' (the default) is all, IPv4 too.</para>
    /// </summary>
    [Parameter]
    [Alias("Listen")]
    [ValidateNotNullOrEmpty]
    public string Address { get; set; } = "::";

    /// <summary>
    /// <para>The TCP port for reverse engines; 0 lets the OS choose, and EndPoint says which.</para>
    /// </summary>
    [Parameter]
    [ValidateRange(0, 65535)]
    public int Port { get; set; } = WellKnownPorts.Console;

    /// <summary>
    /// <para>The name or address that engines are told to dial, where it is not the one they are seen to reach.</para>
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? AdvertisedAddress { get; set; }

    /// <summary>
    /// <para>How long finished scans are kept with their findings. It is remembered; while it was never given, a
    /// year.</para>
    /// </summary>
    [Parameter]
    [Duration("1h", "36500d")]
    public TimeSpan KeepScans { get; set; }

    private protected override string JobType => nameof(SecurityConsole);

    private protected override string NodeKey => Folder.Console;

    private protected override (string Target, string Action) Confirmation =>
        ($"{InputParser.EndPoint(Address, Port)} on '{Folder.Root}'", "Start Security Console");

    private protected override void Check()
    {
        InputParser.ReadListenAddress(Address);
        ConsoleAdmin.CheckTyped(null, AdvertisedAddress, null);
        ReadProxy();
        DataFolder folder = Folder;
        if (Directory.Exists(folder.Console) && Running is null)
        {
            using ConsoleAdmin admin = ConsoleAdmin.Open(folder, Stores.Provider);
            RunningNode.CheckElsewhere(
                FaultCode.ConsoleAlreadyRunning, "console", "Stop-SecurityConsole", admin.Describe());
        }
    }

    private protected override async Task<Started> StartAsync(CancellationToken cancellationToken)
    {
        DataFolder folder = Folder;
        var options = new ConsoleNodeOptions
        {
            Listen = new IPEndPoint(InputParser.ReadListenAddress(Address), Port),
            AdvertisedAddress = AdvertisedAddress,
            KeepScans = Bound(nameof(KeepScans), KeepScans),
            Channel = ChannelOptions,
        };
        (HostedNode node, bool mine) = await ModuleLifetime.Nodes.FindOrStartAsync(
            NodeKey,
            token => HostedConsole.StartAsync(folder, Stores.Provider, options, LogFile, token),
            cancellationToken).ConfigureAwait(false);
        var console = (HostedConsole)node;
        string endPoint = console.GetStatus().EndPoint ?? string.Empty;
        if (!mine)
        {
            CheckProxy(FaultCode.ConsoleAlreadyRunning, "console", "Stop-SecurityConsole", folder.Console, folder);
            RunningNode.Check(
                FaultCode.ConsoleAlreadyRunning, "console", "Stop-SecurityConsole", endPoint,
                IsBound(nameof(Address)) ? options.Listen.Address : null, Bound(nameof(Port), Port), folder);
            if (AdvertisedAddress is not null && AdvertisedAddress != console.AdvertisedAddress)
            {
                throw RunningNode.Other(
                    FaultCode.ConsoleAlreadyRunning, "console", "Stop-SecurityConsole",
                    $"advertised as {console.AdvertisedAddress ?? "what engines are seen to reach"}", folder);
            }
        }

        return new Started(node, mine, [new SecurityConsole(console)], endPoint);
    }
}
