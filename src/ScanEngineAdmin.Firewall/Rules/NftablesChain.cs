namespace ScanEngineAdmin.Firewall.Rules;

/// <summary>A chain that has to have a rule for a way to be open.</summary>
/// <param name="Family">Its table's family.</param>
/// <param name="Table">Its table.</param>
/// <param name="Name">Its name.</param>
internal sealed record NftablesChain(string Family, string Table, string Name)
{
    /// <summary>As nft takes it.</summary>
    public override string ToString() => $"{Family} {Table} {Name}";
}
