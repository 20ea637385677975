namespace ScanEngineAdmin.Firewall.Rules;

/// <summary>The address family a rule is for.</summary>
public enum RuleFamily
{
    IPv4,
    IPv6,
}
