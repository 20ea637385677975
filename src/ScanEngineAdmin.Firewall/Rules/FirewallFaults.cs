using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Firewall.Rules;

/// <summary>What can go wrong with a host's filter, in the words an admin gets.</summary>
internal static class FirewallFaults
{
    public static ScanEngineException Unreadable(FirewallProvider provider, Exception inner) => new(
        FaultCode.ProviderUnavailable,
        $"What {provider} says about this host's rules is not in the form that is known.",
        "Nothing was changed. Show both hosts' commands and run them by hand: "
        + "Set-ScanEngineCommunication -Name <engine> -Direction <direction> -WhatIf",
        provider.ToString(), inner);

    /// <summary>A tool of the host that failed.</summary>
    public static ScanEngineException Tool(FirewallProvider provider, ToolCall call, ToolResult result)
    {
        string said = Said(result);
        if (!result.Found)
        {
            return new ScanEngineException(
                FaultCode.ProviderUnavailable,
                $"{call.Tool}, which {provider} is asked with, is not installed or could not be started. {said}".Trim(),
                $"Install it, or name the provider that owns this host's filter with -Provider.",
                provider.ToString());
        }

        return IsDenied(said)
            ? new ScanEngineException(
                FaultCode.FirewallAccessDenied,
                $"This user may not read or change this host's filter: {call.Tool} said: {said}",
                OperatingSystem.IsWindows()
                    ? "Run it again in a PowerShell that was started as administrator."
                    : "Run it again as root: sudo pwsh",
                provider.ToString())
            : new ScanEngineException(
                FaultCode.ProviderUnavailable,
                $"{provider} could not be asked: {call.Tool} ended with {result.ExitCode}: {said}",
                $"See what it says by hand: {call}",
                provider.ToString());
    }

    public static ScanEngineException Outdated(FirewallPlan plan, FirewallPlanState state) => new(
        FaultCode.PlanOutdated,
        state.State == ChangeState.RolledBack
            ? $"The change that this plan of {plan.EngineName} belongs to was rolled back. Nothing was changed."
            : $"This plan of {plan.EngineName} is of epoch {plan.Epoch}; its direction has changed since and is at "
            + $"epoch {state.Epoch}. Nothing was changed.",
        "Make a new plan: Set-ScanEngineCommunication -Name "
        + $"{RuleText.Name(plan.EngineName)} -Direction <direction> -WhatIf",
        plan.EngineName);

    public static ScanEngineException NoOwner(FirewallOwner owner) => new(
        owner.Known || owner.NoTool ? FaultCode.ProviderUnavailable : FaultCode.FirewallAccessDenied,
        $"There is no filter on this host that a rule could go to. {owner.Reason}",
        owner switch
        {
            { Known: true } => "Nothing has to be opened here.",
            { NoTool: true } => "Install nftables: its nft shows what this host filters. Then run it again.",
            _ => "Run it again as root: sudo pwsh",
        },
        "firewall");

    public static ScanEngineException Busy(string folder) => new(
        FaultCode.FirewallBusy,
        "Another session is changing this host's filter and did not end in time.",
        "Wait for it and run it again.",
        folder);

    public static ScanEngineException UnknownApplication(string id) => new(
        FaultCode.ApplicationNotFound,
        $"No application {id} waits to be confirmed on this host.",
        "See what is there: Get-EngineFirewallRule",
        id);

    public static ScanEngineException NotUndone(string id) => new(
        FaultCode.FirewallBusy,
        $"What application {id} had on trial is not undone yet: this host's tools were too slow, or were stopped.",
        "It is undone before anything else is written. Try again in a minute.",
        id);

    public static ScanEngineException Undone(string id) => new(
        FaultCode.ApplicationUndone,
        $"The rules of application {id} were undone before it was confirmed.",
        "Apply the plan again, with a longer -RollbackAfter.",
        id);

    /// <summary>The first words of what a tool said, on one line.</summary>
    public static string Said(ToolResult result)
    {
        string line = string.Join(' ', result.Output.Split(
            ['\n', '\r', '\t', ' '], StringSplitOptions.RemoveEmptyEntries));
        return line.Length > 300 ? line[..300] + "..." : line;
    }

    private static bool IsDenied(string said) =>
        said.Contains("not permitted", StringComparison.OrdinalIgnoreCase)
        || said.Contains("permission denied", StringComparison.OrdinalIgnoreCase)
        || said.Contains("need to be root", StringComparison.OrdinalIgnoreCase)
        || said.Contains("authorization failed", StringComparison.OrdinalIgnoreCase)
        || said.Contains("access is denied", StringComparison.OrdinalIgnoreCase)
        || said.Contains("requires elevation", StringComparison.OrdinalIgnoreCase);
}
