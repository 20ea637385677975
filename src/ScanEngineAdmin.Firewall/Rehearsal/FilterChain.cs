namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>A base chain: where packets of one hook meet a table.</summary>
/// <param name="Family">ip, ip6, inet or netdev.</param>
/// <param name="Table">The table's name.</param>
/// <param name="Name">The chain's name.</param>
/// <param name="Manager">The tool that owns the table: nft, iptables-nft or iptables-legacy.</param>
internal sealed record FilterChain(string Family, string Table, string Name, string Manager)
{
    public string Hook { get; init; } = string.Empty;

    public override string ToString() => Manager == "nft"
        ? $"{Family} {Table} {Name}"
        : $"{Manager.Replace("ip", Family, StringComparison.Ordinal)} -t {Table} {Name}";
}
