using System.Globalization;
using ScanEngineAdmin.Firewall.Applying;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin;

/// <summary>One difference between what this host's pairings need of its firewall and what is there.</summary>
public sealed class EngineFirewallDrift
{
    internal EngineFirewallDrift(string? engineName, FirewallDriftRow row, string dataPath)
    {
        SideIndicator = row.SideIndicator;
        EngineName = engineName;
        RuleId = row.RuleId;
        LocalPort = row.Wanted?.LocalPort ?? row.Installed?.Port;
        Detail = row.Detail;
        Wanted = row.Wanted is null ? null : Indexable.Of(row.Wanted);
        Installed = row.Installed is null ? null : Indexable.Of(row.Installed);
        DataPath = dataPath;
    }

    /// <summary>
    /// As of Compare-Object, with what is needed on the left: &lt;= is missing, =&gt; is there and not needed, == is
    /// right, != is a foreign rule in the way of one that is needed.
    /// </summary>
    public string SideIndicator { get; }

    /// <summary>The engine's name at its console; null for a rule of a pairing that is gone.</summary>
    public string? EngineName { get; }

    public string RuleId { get; }

    public int? LocalPort { get; }

    public string Detail { get; }

    /// <summary>What is needed, with the command that adds it.</summary>
    public FirewallRule? Wanted { get; }

    public InstalledFirewallRule? Installed { get; }

    /// <summary>The data folder whose pairings need it.</summary>
    public string DataPath { get; }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{SideIndicator} {LocalPort} {Detail}");
}
