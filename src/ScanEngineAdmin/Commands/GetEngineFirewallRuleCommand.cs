using System.Management.Automation;
using ScanEngineAdmin.Firewall.Applying;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Lists this host's firewall rules: this product's own, and foreign ones that matter for its
/// ports.</para>
/// <para type="description">It asks the manager that owns the host's filter and changes nothing. Most managers answer
/// an administrator only.</para>
/// </summary>
/// <example>
/// <code>Get-EngineFirewallRule</code>
/// <para>This product's rules, and foreign ones for its ports.</para>
/// </example>
/// <example>
/// <code>Get-EngineFirewallRule 443 -Provider Nftables</code>
/// <para>The rules for one port, of one manager.</para>
/// </example>
[Cmdlet(VerbsCommon.Get, "EngineFirewallRule")]
[OutputType(typeof(InstalledFirewallRule))]
public sealed class GetEngineFirewallRuleCommand : ScanEngineCommand
{
    /// <summary>
    /// <para>The ports that foreign rules are looked at for; without it the usual two and those that this host's
    /// console and engine use.</para>
    /// </summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    [ValidateRange(1, 65535)]
    public int[]? Port { get; set; }

    /// <summary>
    /// <para>The manager to ask; without it the one that owns this host's filter, and for this product's own rules every
    /// other one as well.</para>
    /// </summary>
    [Parameter]
    public FirewallProvider? Provider { get; set; }

    private protected override void ProcessItem()
    {
        using FirewallHostData? host = Port is null ? new FirewallHostData(Folder) : null;
        (FirewallOwner owner, IReadOnlyList<InstalledFirewallRule> rules) = Await(async (_, token) =>
        {
            int[] ports = Port
                ?? FirewallHostData.Ports(await host!.PairingsAsync(token).ConfigureAwait(false));
            var reader = new FirewallReader();
            (FirewallOwner found, IReadOnlyList<InstalledFirewallRule> listed) = await reader.ReadHostAsync(
                Provider, ports, token).ConfigureAwait(false);
            return (found, Provider is not null || found.Provider is not { } manager ? listed
                : [.. listed, .. await reader.OursElsewhereAsync(manager, ports, token).ConfigureAwait(false)]);
        });
        WriteVerbose(owner.Reason);
        WriteObject(rules.Select(Indexable.Of), enumerateCollection: true);
    }
}
