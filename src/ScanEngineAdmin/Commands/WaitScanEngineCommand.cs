using System.Management.Automation;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Waits until Scan Engines have a communication status, Active if none is named.</para>
/// <para type="description">Each engine is returned when it is there; one that is not in time is an error.</para>
/// </summary>
/// <example>
/// <code>Wait-ScanEngine lab-1 -Timeout 2m</code>
/// <para>Waits until it is Active.</para>
/// </example>
[Cmdlet(VerbsLifecycle.Wait, "ScanEngine")]
[OutputType(typeof(ScanEngine))]
public sealed class WaitScanEngineCommand : NamedEngineCommand
{
    private readonly Gathered<EngineRecord> _engines = new(engine => engine.PairingId);

    /// <summary>
    /// <para>The direction to wait for too: ConsoleToEngine (Standard) or EngineToConsole (Reverse). It is for all
    /// engines, and is not taken from rows of a file.</para>
    /// </summary>
    [Parameter]
    [Direction]
    public CommunicationDirection? Direction { get; set; }

    /// <summary>
    /// <para>The communication statuses to wait for, of which one is enough.</para>
    /// </summary>
    [Parameter]
    public CommunicationStatus[] Status { get; set; } = [CommunicationStatus.Active];

    /// <summary>
    /// <para>How long to wait: '30s', '5m', a number of seconds, a TimeSpan. One minute without it.</para>
    /// </summary>
    [Parameter]
    [Duration("0s", "7d")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// <para>Waits in the background and returns a job: Receive-Job takes what would be returned, Wait-Job waits,
    /// Stop-Job ends the waiting and nothing else.</para>
    /// </summary>
    [Parameter]
    public SwitchParameter AsJob { get; set; }

    private protected override void ProcessEngine(EngineRecord engine) => _engines.Add(engine);

    private protected override void Settle()
    {
        EngineRecord[] engines = _engines.TakeAll();
        if (engines.Length == 0)
        {
            return;
        }

        AwaitOrStartJob(AsJob, OpenedAdmin, (admin, writer, token) =>
        {
            var bars = new ProgressTree(writer, "Waiting for engines", engines.Length);
            return Task.WhenAll(engines.Select(engine => WaitAsync(admin, engine, writer, bars, token)));
        });
    }

    private async Task WaitAsync(
        ConsoleAdmin admin, EngineRecord asked, PipelineWriter writer, ProgressTree bars,
        CancellationToken cancellationToken)
    {
        ProgressRecord bar = ProgressOf.Engine(asked);
        try
        {
            EngineRecord engine = await admin.WaitEngineAsync(
                asked.PairingId,
                Reached,
                Timeout,
                now => bars.Show(ProgressOf.Engine(now)),
                cancellationToken).ConfigureAwait(false);
            writer.Object(EngineView.Of(admin, engine));
        }
        catch (ScanEngineException fault)
        {
            writer.Error(FaultRecord.Of(fault.Code == FaultCode.TimedOut ? Late(admin, fault) : fault, asked.Name));
        }
        finally
        {
            bars.End(bar.ActivityId, bar.Activity);
        }
    }

    private ScanEngineException Late(ConsoleAdmin admin, ScanEngineException fault)
    {
        string wanted = string.Join(" or ", Status);
        string way = Direction is { } direction ? $", {direction}" : string.Empty;
        // No engine is met, and no status changes, while no console runs.
        bool runs = admin.Describe().IsRunning;
        return new ScanEngineException(
            fault.Code,
            $"{fault.Message.TrimEnd('.')}. It was waited for {wanted}{way}."
                + (runs ? string.Empty : $" No Security Console runs on '{admin.Folder.Root}'."),
            runs ? fault.Recommendation : "Start it (Start-SecurityConsole, or its service), and wait again.",
            fault.Target,
            fault);
    }

    private bool Reached(EngineRecord engine) =>
        Status.Contains(engine.Status) && (Direction is null || engine.Direction == Direction);
}
