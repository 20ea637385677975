namespace ScanEngineAdmin.Firewall.Rules;

/// <summary>Which way the first packet goes, seen from the rule's host.</summary>
public enum RuleFlow
{
    In,
    Out,
}
