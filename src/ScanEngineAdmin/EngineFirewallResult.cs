using System.Globalization;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Firewall.Applying;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin;

/// <summary>What became of one rule of a plan on this host.</summary>
public sealed class EngineFirewallResult
{
    internal EngineFirewallResult(
        string engineName, FirewallApplication application, FirewallApplyResult result, string dataPath)
    {
        EngineName = engineName;
        HostRole = result.Rule.HostRole;
        RuleId = result.RuleId;
        Change = result.Rule.Change;
        Flow = result.Rule.Flow;
        LocalPort = result.Rule.LocalPort;
        RemoteAddress = new TextList(result.Rule.RemoteAddress);
        Provider = result.Provider;
        Outcome = result.Outcome;
        Evidence = result.Evidence;
        DataPath = dataPath;
        RollbackAt = InputParser.Local(application.RollbackAt);
        ApplicationId = application.RollbackAt is null ? null : application.Id;
    }

    public string EngineName { get; }

    public NodeRole HostRole { get; }

    public string RuleId { get; }

    public RuleChange Change { get; }

    public RuleFlow Flow { get; }

    public int LocalPort { get; }

    public TextList RemoteAddress { get; }

    public FirewallProvider Provider { get; }

    public FirewallApplyOutcome Outcome { get; }

    public string Evidence { get; }

    /// <summary>When all of this application is undone unless it is confirmed; null when it stays.</summary>
    public DateTime? RollbackAt { get; }

    /// <summary>What Confirm-EngineFirewallPlan takes; null when nothing waits to be confirmed.</summary>
    public string? ApplicationId { get; }

    /// <summary>The data folder of this host's node.</summary>
    public string DataPath { get; }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Change} {HostRole} {LocalPort}: {Outcome}");
}
