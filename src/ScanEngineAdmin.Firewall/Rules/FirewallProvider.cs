namespace ScanEngineAdmin.Firewall.Rules;

/// <summary>The manager that owns a host's packet filter.</summary>
public enum FirewallProvider
{
    NetSecurity,
    Netsh,
    Nftables,
    Firewalld,
    Ufw,
    Iptables,
}
