namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>What one of iptables' tools saves.</summary>
/// <param name="Family">ip or ip6.</param>
/// <param name="Manager">iptables-nft or iptables-legacy, for either family.</param>
/// <param name="Text">The tables, as -restore takes them.</param>
internal sealed record SavedTables(string Family, string Manager, string Text)
{
    /// <summary>The tool's name without its last word: iptables-nft, ip6tables-legacy.</summary>
    public string Tool => Family == "ip" ? Manager : Manager.Replace("ip", "ip6", StringComparison.Ordinal);

    /// <summary>The tables as nft names them; none of the older iptables.</summary>
    public IEnumerable<string> NativeTables => Manager != "iptables-nft" ? []
        : Text.Split('\n').Where(static line => line.StartsWith('*')).Select(line => $"{Family} {line[1..].Trim()}");

    public bool HasRules => Text.Contains("\n-A ", StringComparison.Ordinal) || Denies;

    public bool Denies => Text.Split('\n').Any(static line =>
        (line.StartsWith(':') && line.Contains(" DROP ", StringComparison.Ordinal))
        || (line.StartsWith("-A ", StringComparison.Ordinal) && SavedRule.Denies(line)));
}
