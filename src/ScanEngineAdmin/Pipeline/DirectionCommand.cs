using System.Management.Automation;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Directions;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Firewall.Planning;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Pipeline;

/// <summary>
/// A cmdlet that changes directions. It gathers the engines of the pipeline, asks about each, and then changes them
/// together; with -WhatIf it previews them together instead.
/// </summary>
public abstract class DirectionCommand : NamedEngineCommand
{
    private readonly Gathered<(EngineRecord Engine, DirectionChangeRequest Request)> _gathered =
        new(item => item.Engine.PairingId, item => item.Request);

    /// <summary>
    /// <para>How long the change of each engine may take until it is rolled back: '30s', '5m', a number of seconds, a
    /// TimeSpan; '60s' without it.</para>
    /// </summary>
    [Parameter]
    [Duration("1s", "1h")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// <para>How many engines are changed at the same time: 16 without it.</para>
    /// </summary>
    [Parameter]
    [ValidateRange(1, 256)]
    public int ThrottleLimit { get; set; } = 16;

    /// <summary>
    /// <para>Begins no further engine after one has failed. Changes under way are finished; without it each failure is
    /// that engine's error and the others go on.</para>
    /// </summary>
    [Parameter]
    public SwitchParameter StopOnError { get; set; }

    /// <summary>
    /// <para>The hosts that deny connections out unless a rule allows them: Console, Engine or both. Their plans have
    /// rules for the way out as well. Each host is asked by itself; this is for one that cannot say it.</para>
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public NodeRole[] DenyOutbound { get; set; } = [];

    /// <summary>
    /// <para>Has both hosts' firewalls follow, each by its own firewall applier (Start-EngineFirewallApplier, in a
    /// privileged process of its own): opened before the new way is proved, closed after the engine has acknowledged
    /// the outcome. The console's host must have one; without one on the engine's host its rules stay its admin's.
    /// </para>
    /// </summary>
    [Parameter]
    public SwitchParameter ApplyFirewall { get; set; }

    /// <summary>
    /// <para>Changes them in the background and returns a job: Receive-Job takes the plans, Wait-Job waits, Stop-Job ends
    /// the waiting as Ctrl+C does. Questions are asked before, and -WhatIf previews at once.</para>
    /// </summary>
    [Parameter]
    public SwitchParameter AsJob { get; set; }

    private bool IsDryRun => MyInvocation.BoundParameters.TryGetValue("WhatIf", out object? given)
        ? LanguagePrimitives.IsTrue(given)
        : LanguagePrimitives.IsTrue(GetVariableValue("WhatIfPreference"));

    private protected abstract DirectionChangeRequest RequestFor(EngineRecord engine);

    private protected virtual Task<FirewallPlan> ChangeAsync(
        ConsoleAdmin admin,
        EngineRecord engine,
        DirectionChangeRequest request,
        Action<ChangeRecord> progress,
        CancellationToken cancellationToken) =>
        admin.Direction.ChangeAsync(engine.PairingId, request, progress, cancellationToken);

    private protected sealed override void ProcessEngine(EngineRecord engine)
    {
        try
        {
            DirectionChangeRequest request = RequestFor(engine) with
            {
                DenyOutbound = DenyOutbound,
                ApplyFirewall = ApplyFirewall,
            };
            if (_gathered.Has((engine, request), engine.Name))
            {
                return;
            }

            FirewallPlan plan = Admin.Direction.Plan(engine.PairingId, request);
            if (IsDryRun || Agreed(this, FirewallPlanText.Render(plan with { DryRun = false }), plan))
            {
                _gathered.Add((engine, request));
            }
            else
            {
                WriteObject(Indexable.Of(plan, Folder.Root));
            }
        }
        catch (ScanEngineException fault) when (StopOnError)
        {
            // Nothing was begun: all engines are checked first.
            ThrowTerminatingError(FaultRecord.Of(fault, engine.Name));
        }
    }

    // The question has the rules with it: a prompt shows nothing else.
    private static bool Agreed(Cmdlet cmdlet, string text, FirewallPlan plan) => cmdlet.ShouldProcess(
        text,
        $"{text}{Environment.NewLine}Change engine '{plan.EngineName}' from {plan.From} to {plan.To}?",
        "Scan Engine communication");

    private protected sealed override void Settle()
    {
        (EngineRecord Engine, DirectionChangeRequest Request)[] items = _gathered.TakeAll();
        if (items.Length == 0)
        {
            return;
        }

        SingleEngine.CheckEndPoints(items
            .Where(item => item.Request is { Direction: CommunicationDirection.ConsoleToEngine, Address: not null })
            .Select(item => (item.Request.Address, item.Request.Port ?? item.Engine.Port)));
        var fleet = new DirectionFleet(items, ThrottleLimit, StopOnError);
        bool dryRun = IsDryRun;
        if (AsJob && !dryRun)
        {
            StartJob(OpenedAdmin, async (own, writer, token) =>
            {
                if (await RunAsync(fleet, own, writer, dryRun: false, token).ConfigureAwait(false) is { } fault)
                {
                    throw fault.Fault;
                }
            });
            return;
        }

        ConsoleAdmin admin = OpenedAdmin;
        if (Await((writer, token) => RunAsync(fleet, admin, writer, dryRun, token)) is { } end)
        {
            ThrowTerminatingError(FaultRecord.Of(end.Fault, end.Engine));
        }
    }

    private Task<(ScanEngineException Fault, string Engine)?> RunAsync(
        DirectionFleet fleet, ConsoleAdmin admin, PipelineWriter writer, bool dryRun, CancellationToken cancellationToken) =>
        fleet.RunAsync(
            writer,
            (engine, request, progress, cancel) => dryRun
                ? PreviewAsync(writer, admin, engine, request, cancel)
                : OneAsync(writer, admin, engine, request, progress, cancel),
            cancellationToken);

    private async Task OneAsync(
        PipelineWriter writer,
        ConsoleAdmin admin,
        EngineRecord engine,
        DirectionChangeRequest request,
        Action<ChangeRecord> progress,
        CancellationToken cancellationToken)
    {
        ChangeRecord? last = null;
        FirewallPlan plan = await ChangeAsync(
            admin,
            engine,
            request,
            change =>
            {
                last = change;
                progress(change);
            },
            cancellationToken).ConfigureAwait(false);
        if (last is { State: ChangeState.Committed, Acknowledged: null })
        {
            writer.Warning($"Engine '{engine.Name}': {last.Detail}");
        }

        writer.Object(Indexable.Of(plan, admin.Folder.Root));
    }

    private static async Task PreviewAsync(
        PipelineWriter writer,
        ConsoleAdmin admin,
        EngineRecord engine,
        DirectionChangeRequest request,
        CancellationToken cancellationToken)
    {
        DirectionPreview preview = await admin.Direction.PreviewAsync(engine.PairingId, request, cancellationToken)
            .ConfigureAwait(false);
        FirewallPlan plan = Indexable.Of(preview.Plan, admin.Folder.Root);
        writer.Do(cmdlet =>
        {
            Agreed(cmdlet, DirectionPreviewText.Render(preview), plan);
            cmdlet.WriteObject(plan);
        });
    }
}
