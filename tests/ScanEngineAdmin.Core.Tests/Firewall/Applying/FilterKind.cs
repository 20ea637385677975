namespace ScanEngineAdmin.Core.Tests.Firewall.Applying;

/// <summary>The filters that are really run.</summary>
public enum FilterKind
{
    Nftables,
    Iptables,
    IptablesLegacy,
    Ufw,
    Firewalld,
}
