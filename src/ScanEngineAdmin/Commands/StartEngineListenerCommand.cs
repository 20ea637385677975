using System.Management.Automation;
using System.Net;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Engine;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Hosting;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Runs a Scan Engine in this process that listens for its consoles (standard direction).</para>
/// <para type="description">One engine runs per data folder; Start-EngineListener and Start-EnginePoller on the same
/// folder share it. An engine whose every console is reverse does not listen: DirectionConflict names the other
/// cmdlet. After a change of direction the handle's state is Superseded and the engine lives on.</para>
/// </summary>
/// <example>
/// <code>Start-EngineListener -Wait</code>
/// <para>Listens until Ctrl+C or SIGTERM.</para>
/// </example>
[Cmdlet(VerbsLifecycle.Start, "EngineListener", SupportsShouldProcess = true)]
[OutputType(typeof(EngineListener))]
public sealed class StartEngineListenerCommand : StartDialingNodeCommand
{
    /// <summary>
    /// <para>The address of this host to listen at; '::' (the default) is all, IPv4 too.</para>
    /// </summary>
    [Parameter]
    [Alias("Listen")]
    [ValidateNotNullOrEmpty]
    public string Address { get; set; } = "::";

    /// <summary>
    /// <para>The TCP port for consoles; 0 lets the OS choose, and EndPoint says which.</para>
    /// </summary>
    [Parameter]
    [ValidateRange(0, 65535)]
    public int Port { get; set; } = WellKnownPorts.Engine;

    private protected override string JobType => nameof(EngineListener);

    private protected override string NodeKey => Folder.Engine;

    private protected override (string Target, string Action) Confirmation =>
        ($"{InputParser.EndPoint(Address, Port)} on '{Folder.Root}'", "Start engine listener");

    private protected override void Check()
    {
        DataFolder folder = Folder;
        InputParser.ReadListenAddress(Address);
        ReadProxy();
        if (!Directory.Exists(folder.Engine))
        {
            return;
        }

        EngineStatus status = EngineStart.GetStatus(folder, out NodeInfo info);
        if (status.OnlyPolls)
        {
            throw EngineStart.Conflict(
                "Every console of this engine is reverse: the engine polls it and does not listen.",
                $"Start-EnginePoller -DataPath '{folder.Root}'",
                folder.Root);
        }

        if (Running is null)
        {
            RunningNode.CheckElsewhere(FaultCode.EngineAlreadyRunning, "engine", "Stop-EngineListener", info);
        }
    }

    private protected override async Task<Started> StartAsync(CancellationToken cancellationToken)
    {
        DataFolder folder = Folder;
        var options = new EngineNodeOptions
        {
            Listen = new IPEndPoint(InputParser.ReadListenAddress(Address), Port),
            Channel = ChannelOptions,
        };
        (HostedEngine engine, bool mine) = await EngineStart.StartAsync(folder, options, LogFile, cancellationToken)
            .ConfigureAwait(false);
        string? endPoint = engine.GetStatus().EndPoint;
        if (!mine)
        {
            CheckProxy(FaultCode.EngineAlreadyRunning, "engine", "Stop-EngineListener", folder.Engine, folder);
            RunningNode.Check(
                FaultCode.EngineAlreadyRunning, "engine", "Stop-EngineListener", endPoint,
                IsBound(nameof(Address)) ? options.Listen.Address : null, Bound(nameof(Port), Port), folder);
        }

        return new Started(engine, mine, [new EngineListener(engine)], endPoint ?? string.Empty);
    }
}
