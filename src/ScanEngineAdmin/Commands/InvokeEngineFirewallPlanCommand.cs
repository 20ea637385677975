using System.Management.Automation;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Applier;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Firewall.Applying;
using ScanEngineAdmin.Firewall.Planning;
using ScanEngineAdmin.Firewall.Providers;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Applies this host's half of a firewall plan through the manager that owns the host's filter.
/// </para>
/// <para type="description">It opens first. It closes only what the node's own store says is not in use any more: on
/// the console's host when the change is committed and acknowledged, on the engine's when the plan's epoch is in force;
/// until then a Remove is Deferred, and a plan of an older epoch is refused. A second run changes nothing.</para>
/// </summary>
/// <example>
/// <code>$plan | Invoke-EngineFirewallPlan -Role Console</code>
/// <para>Applies the console host's half.</para>
/// </example>
/// <example>
/// <code>Import-Clixml plan.xml | Invoke-EngineFirewallPlan -RollbackAfter 5m -ConfirmByTest</code>
/// <para>Applies this host's half of a plan from a file, and takes it back unless the new way passes the test.</para>
/// </example>
[Cmdlet(
    VerbsLifecycle.Invoke, "EngineFirewallPlan", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(EngineFirewallResult))]
public sealed class InvokeEngineFirewallPlanCommand : ScanEngineCommand
{
    /// <summary>
    /// <para>The plan that Set-ScanEngineCommunication returned, also after it went through a file. Its commands are
    /// not used: they are made anew of its rules.</para>
    /// </summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    [ValidateNotNull]
    [FirewallPlan]
    public FirewallPlan InputObject { get; set; } = null!;

    /// <summary>
    /// <para>Which of the plan's two hosts this one is; without it what its data folder shows.</para>
    /// </summary>
    [Parameter]
    public NodeRole? Role { get; set; }

    /// <summary>
    /// <para>The manager to use; without it the one that owns this host's filter. What is removed is taken away
    /// from any manager that has it.</para>
    /// </summary>
    [Parameter]
    public FirewallProvider? Provider { get; set; }

    /// <summary>
    /// <para>Undoes everything after this time unless Confirm-EngineFirewallPlan comes before (or the test passes, with
    /// -ConfirmByTest), even if this session is cut: '30s', '5m', a number of seconds, a TimeSpan.</para>
    /// </summary>
    [Parameter]
    [Duration("1s", "1d")]
    public TimeSpan? RollbackAfter { get; set; }

    /// <summary>
    /// <para>Stays and tests the plan's new way from both ends until it passes, which confirms what -RollbackAfter
    /// would undo, or until that time is over and it is undone. If this session is cut it is undone as well.</para>
    /// </summary>
    [Parameter]
    public SwitchParameter ConfirmByTest { get; set; }

    // A plan is applied on both its hosts; only the console's half is the business of the folder that it came from.
    private protected override ItemOrigin? OriginOf(ItemOrigin origin) => Role switch
    {
        NodeRole.Console => origin,
        NodeRole.Engine => null,
        _ when FolderIsTyped => Directory.Exists(Folder.Console) && !Directory.Exists(Folder.Engine) ? origin : null,
        _ => !origin.IsElsewhere && Directory.Exists(Path.Combine(origin.DataPath, "console")) ? origin : null,
    };

    private protected override void ProcessItem() => Try(Apply, InputObject.EngineName);

    private void Apply()
    {
        FirewallPlan plan = InputObject;
        if (ConfirmByTest && RollbackAfter is null)
        {
            throw new ScanEngineException(
                FaultCode.OptionInvalid,
                "-ConfirmByTest confirms what would be undone, and without -RollbackAfter nothing is.",
                "Say how long the test has: -RollbackAfter 5m -ConfirmByTest",
                nameof(ConfirmByTest));
        }

        using var host = new FirewallHostData(Folder);
        NodeRole role = host.Role(Role);
        FirewallPlan half = plan with { Rules = [.. plan.Rules.Where(rule => rule.HostRole == role)] };
        string text = FirewallPlanText.Render(half);
        if (!ShouldProcess(
            text,
            $"{text}{Environment.NewLine}Apply the {role} host's half of the plan for '{plan.EngineName}' to this "
                + "host's firewall?",
            "Invoke engine firewall plan",
            out ShouldProcessReason reason))
        {
            if (reason == ShouldProcessReason.WhatIf)
            {
                Await((_, token) => FirewallWhatIf.WarningsAsync(plan, role, Provider, Folder.Root, token))
                    .ToList().ForEach(WriteWarning);
            }

            return;
        }

        using FirewallPlanTrial? trial = ConfirmByTest ? new FirewallPlanTrial(Folder, plan, role) : null;
        FirewallApplication application = Await(async (_, token) =>
        {
            IReadOnlyList<FirewallRule> needed = FirewallHostData.Needed(
                await host.PairingsAsync(token).ConfigureAwait(false), null, deniesOutbound: true);
            var options = new FirewallApplyOptions
            {
                Provider = Provider,
                RollbackAfter = RollbackAfter,
                PlanState = _ => Task.FromResult(host.PlanState(plan, role)),
            };
            return await new FirewallPlanApplier(HostTools.OfThisHost(null, Folder.Root)).ApplyAsync(
                FirewallPairings.Guard(half, needed), role, options, token).ConfigureAwait(false);
        });
        WriteVerbose(application.OwnerReason);
        if (trial is not null && application.RollbackAt is not null)
        {
            application = Await((writer, token) => trial.RunAsync(application, writer, token));
        }

        foreach (FirewallApplyResult result in application.Results)
        {
            WriteObject(new EngineFirewallResult(plan.EngineName, application, result, Folder.Root));
            if (result.Outcome == FirewallApplyOutcome.Failed)
            {
                Report(Failed(plan, result), result.RuleId);
            }
        }

        if (application.Results.FirstOrDefault(static r => r.Outcome == FirewallApplyOutcome.RolledBack
            && r.Evidence.StartsWith(FirewallPlanTrial.Undone, StringComparison.Ordinal)) is { } undone)
        {
            Report(FirewallPlanTrial.Failed(plan, undone), plan.EngineName);
        }
    }

    private static ScanEngineException Failed(FirewallPlan plan, FirewallApplyResult result) => new(
        FaultCode.FirewallRuleFailed,
        $"Rule {result.RuleId} of the plan for '{plan.EngineName}' could not be applied: {result.Evidence}",
        "See what is there with Get-EngineFirewallRule; to run the commands by hand: "
        + $"ConvertTo-EngineFirewallScript -Provider {result.Provider}",
        result.RuleId);
}
