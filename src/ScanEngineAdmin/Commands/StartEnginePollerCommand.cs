using System.Management.Automation;
using System.Security;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Engine;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Hosting;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Runs a Scan Engine in this process that polls its consoles (reverse direction).</para>
/// <para type="description">With -ConsoleAddress and -PairingSecret it pairs first; with -ConsoleAddress alone it asks
/// for approval on both sides; with neither it polls the consoles it has. If the engine runs in another process, a
/// pairing is made all the same and that engine polls. A console that is standard does not get polled:
/// DirectionConflict names the other cmdlet.</para>
/// </summary>
/// <example>
/// <code>Start-EnginePoller console.example.org -EngineName lab-1 -PairingSecret $secret</code>
/// <para>Pairs, and polls from then on.</para>
/// </example>
/// <example>
/// <code>Start-EnginePoller -Wait</code>
/// <para>Polls the consoles it has, until Ctrl+C or SIGTERM.</para>
/// </example>
[Cmdlet(VerbsLifecycle.Start, "EnginePoller", SupportsShouldProcess = true)]
[OutputType(typeof(EnginePoller))]
public sealed class StartEnginePollerCommand : StartDialingNodeCommand
{
    /// <summary>
    /// <para>The console's name or address. A blank cell of a file, here and below, is one that was not given.</para>
    /// </summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ItemName(nameof(ConsoleAddress))]
    [AllowNull]
    [AllowEmptyString]
    public string? ConsoleAddress { get; set; }

    /// <summary>
    /// <para>The console's TCP port for reverse engines.</para>
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("Port")]
    [PortCell(Blank = WellKnownPorts.Console)]
    [ValidateRange(1, 65535)]
    public int ConsolePort { get; set; } = WellKnownPorts.Console;

    /// <summary>
    /// <para>The secret that New-EnginePairingSecret made on the console: its text, a SecureString, or its
    /// object. A row of a file may bring it.</para>
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [SecretText]
    [RowValue]
    public SecureString? PairingSecret { get; set; }

    /// <summary>
    /// <para>The name this engine asks to go by at the console; this host's name without it.</para>
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("Name")]
    [ItemName]
    [AllowNull]
    [AllowEmptyString]
    public string EngineName { get; set; } = Environment.MachineName;

    /// <summary>
    /// <para>How often the console is asked for work when it does not hold the question open.</para>
    /// </summary>
    [Parameter]
    [Duration("1s", "1d")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// <para>Asks each console once, does the work there is, and ends: for runbooks and scheduled tasks.</para>
    /// </summary>
    [Parameter]
    public SwitchParameter Once { get; set; }

    private protected override string JobType => nameof(EnginePoller);

    private protected override string NodeKey => Folder.Engine;

    private string? Console => IsBlankCell(ConsoleAddress) ? null : ConsoleAddress;

    private string OwnName => IsBlankCell(EngineName) ? Environment.MachineName : EngineName;

    private protected override bool RunsOut => Once;

    private protected override (string Target, string Action) Confirmation => (
        Console is null ? Folder.Root : InputParser.EndPoint(Console, ConsolePort),
        PairingSecret is null ? "Poll console" : "Pair with and poll console");

    private protected override void Check()
    {
        PollerRequest request = Targets();
        ConsoleAdmin.CheckTyped(OwnName, Console, ConsolePort);
        ReadProxy();
        if (Directory.Exists(Folder.Engine))
        {
            CheckElsewhere(Folder, out _);
        }

        if (Running is not null)
        {
            CheckProxy();
        }

        PollerTargets.Check(Folder, request);
    }

    private protected override async Task<Started> StartAsync(CancellationToken cancellationToken)
    {
        DataFolder folder = Folder;
        CheckElsewhere(folder, out bool elsewhere);
        if (!elsewhere)
        {
            NodeLogTap.Prepare(LogFile);
        }

        IReadOnlyList<ConsoleRecord> consoles = await PollerTargets.FindAsync(
            folder, Targets(), cancellationToken).ConfigureAwait(false);
        if (elsewhere)
        {
            // Paired from here; the engine in the other process has been rung and polls.
            EngineStatus status = EngineStart.GetStatus(folder, out _);
            return new Started(
                new RemoteNode(), false, [.. consoles.Select(c => new EnginePoller(status, c))], string.Empty,
                Proxy is null ? null : "The pairing was made through -Proxy; the engine, which runs in another process, "
                    + "polls as that one was started.");
        }

        var options = new EngineNodeOptions { ListenUnpaired = false, Once = Once, Channel = ChannelOptions };
        (HostedEngine engine, bool mine) = await EngineStart.StartAsync(folder, options, LogFile, cancellationToken)
            .ConfigureAwait(false);
        if (!mine)
        {
            CheckProxy();
        }

        return new Started(
            engine,
            mine,
            [.. consoles.Select(console => new EnginePoller(engine, console))],
            InputParser.EndPoint(consoles[0].Address, consoles[0].Port));
    }

    private void CheckProxy() =>
        CheckProxy(FaultCode.EngineAlreadyRunning, "engine", "Stop-EnginePoller", Folder.Engine, Folder);

    private void CheckElsewhere(DataFolder folder, out bool elsewhere)
    {
        EngineStart.GetStatus(folder, out NodeInfo info);
        elsewhere = info.IsRunning && info.Node?.ProcessId != Environment.ProcessId
            && Running is null;
        if (elsewhere && PairingSecret is null)
        {
            RunningNode.CheckElsewhere(FaultCode.EngineAlreadyRunning, "engine", "Stop-EnginePoller", info);
        }
    }

    // What somebody typed and is empty was meant to be something.
    private bool IsBlankCell(string? text) => MyInvocation.ExpectingInput && string.IsNullOrWhiteSpace(text);

    private PollerRequest Targets() => new(
        Console,
        ConsolePort,
        PairingSecret is null ? null : InputParser.ReadSecret(PairingSecret),
        OwnName,
        Interval,
        IsBound(nameof(Interval)),
        ReadProxy());
}
