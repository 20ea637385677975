namespace ScanEngineAdmin.Firewall.Rules;

/// <summary>
/// The table and chains that own a host's filter under nftables. An accept in a table of our own could not override
/// the drop of another, so a rule has to go into these.
/// </summary>
public sealed record NftablesPlacement(string Family, string Table, string Input, string Output)
{
    public static NftablesPlacement Default { get; } = new("inet", "filter", "input", "output");
}
