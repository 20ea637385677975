using System.Management.Automation;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Completion;
using ScanEngineAdmin.Firewall.Applying;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Compares what this host's pairings need of its firewall with the rules that are there.</para>
/// <para type="description">As Compare-Object: &lt;= is needed and missing, =&gt; is this product's and not needed any
/// more, != is a foreign rule that denies what is needed. No output means no drift. It changes nothing.</para>
/// </summary>
/// <example>
/// <code>Compare-EngineFirewall</code>
/// <para>What this host's pairings lack, and what is left over.</para>
/// </example>
/// <example>
/// <code>(Compare-EngineFirewall lab-1).Wanted.Command</code>
/// <para>The commands that add what is missing for one engine.</para>
/// </example>
[Cmdlet(VerbsData.Compare, "EngineFirewall")]
[OutputType(typeof(EngineFirewallDrift))]
public sealed class CompareEngineFirewallCommand : ScanEngineCommand
{
    /// <summary>
    /// <para>The engines' names (on an engine's host: the name it goes by at its console). Without it all are compared,
    /// and rules of pairings that are gone are found too.</para>
    /// </summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("EngineName")]
    [ItemName]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(PairingNameCompleter))]
    public string[]? Name { get; set; }

    /// <summary>
    /// <para>The manager to ask; without it the one that owns this host's filter. A rule of this product that
    /// nothing needs is found in any manager.</para>
    /// </summary>
    [Parameter]
    public FirewallProvider? Provider { get; set; }

    /// <summary>
    /// <para>Also returns what is as it should be, with the side indicator ==.</para>
    /// </summary>
    [Parameter]
    public SwitchParameter IncludeEqual { get; set; }

    private protected override void ProcessItem()
    {
        using var host = new FirewallHostData(Folder);
        if (Name is { } names && !AnyIsKnown(names, Await((_, token) => host.PairingsAsync(token))))
        {
            return;
        }

        FirewallHostDrift drift = Await((_, token) => host.DriftAsync(Provider, Folder.Root, token));
        if (drift.Owner.Provider is null)
        {
            WriteWarning($"There is no filter on this host to compare with. {drift.Owner.Reason}");
            return;
        }

        var pairingNames = drift.Pairings.SelectMany(p => FirewallHostData.RuleIds(p).Select(id => (id, p.Pairing.Name)))
            .DistinctBy(static x => x.id).ToDictionary(static x => x.id, static x => x.Name, StringComparer.Ordinal);
        foreach (FirewallDriftRow row in drift.Rows)
        {
            string? engine = pairingNames.GetValueOrDefault(row.RuleId);
            bool asked = Name is null || (engine is not null && Name.Any(n => EngineSelection.Matches(engine, n)));
            if (asked && (IncludeEqual || row.SideIndicator != "=="))
            {
                WriteObject(new EngineFirewallDrift(engine, row, Folder.Root));
            }
        }
    }

    // Before the filter is read: a name that is not there is an error on every host.
    private bool AnyIsKnown(string[] names, IReadOnlyList<(NodeRole Role, FirewallNeighbour Pairing)> pairings)
    {
        bool any = false;
        foreach (string name in names)
        {
            if (WildcardPattern.ContainsWildcardCharacters(name)
                || pairings.Any(p => EngineSelection.Matches(p.Pairing.Name, name)))
            {
                any = true;
            }
            else
            {
                Report(NotFound.Engine(name), name);
            }
        }

        return any;
    }
}
