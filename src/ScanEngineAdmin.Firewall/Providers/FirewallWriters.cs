using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Firewall.Providers.Firewalld;
using ScanEngineAdmin.Firewall.Providers.Iptables;
using ScanEngineAdmin.Firewall.Providers.Nftables;
using ScanEngineAdmin.Firewall.Providers.Ufw;
using ScanEngineAdmin.Firewall.Providers.Windows;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Firewall.Providers;

/// <summary>The writers, one per provider.</summary>
internal static class FirewallWriters
{
    /// <param name="provider">Whose terms.</param>
    /// <param name="nftables">Where rules go under nftables.</param>
    /// <param name="policies">The policies of firewalld that deny what this host sends.</param>
    /// <param name="places">The zones or backends that rules go to, where that was tried.</param>
    public static IFirewallWriter For(
        FirewallProvider provider, NftablesPlacement? nftables = null, IReadOnlyList<string>? policies = null,
        RulePlaces? places = null) =>
        provider switch
        {
            FirewallProvider.NetSecurity => new NetSecurityWriter(),
            FirewallProvider.Netsh => new NetshWriter(),
            FirewallProvider.Nftables => new NftablesWriter(nftables ?? NftablesPlacement.Default),
            FirewallProvider.Firewalld => new FirewalldWriter(policies ?? [], places),
            FirewallProvider.Ufw => new UfwWriter(),
            FirewallProvider.Iptables => new IptablesWriter(places),
            _ => throw new ArgumentOutOfRangeException(nameof(provider), provider, "There is no such provider."),
        };

    /// <summary>
    /// The rule with the command for its host's provider and the command that undoes it. Keep has none: there is
    /// nothing to do. Whatever a rule holds is checked again here, as rules also come back from files and pipelines.
    /// </summary>
    public static FirewallRule WithCommands(FirewallRule rule, IFirewallWriter writer, string engineName)
    {
        ArgumentNullException.ThrowIfNull(rule);
        ArgumentNullException.ThrowIfNull(writer);
        return rule.Change switch
        {
            RuleChange.Add => rule with
            {
                Provider = writer.Provider,
                Command = writer.Open(rule, engineName),
                UndoCommand = writer.Close(rule),
            },
            RuleChange.Remove => rule with
            {
                Provider = writer.Provider,
                Command = writer.Close(rule),
                UndoCommand = writer.Open(rule, engineName),
            },
            _ => rule with { Provider = null, Command = string.Empty, UndoCommand = string.Empty },
        };
    }
}
