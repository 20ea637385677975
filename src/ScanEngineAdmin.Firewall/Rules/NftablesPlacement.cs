namespace ScanEngineAdmin.Firewall.Rules;

/// <summary>
/// The table and chains that own a host's filter under nftables. An accept in a table of our own could not override
/// the drop of another, so a rule has to go into these.
/// </summary>
internal sealed record NftablesPlacement(string Family, string Table, string Input, string Output)
{
    private static readonly IReadOnlyDictionary<string, IReadOnlyList<NftablesChain>> Nowhere =
        new Dictionary<string, IReadOnlyList<NftablesChain>>();

    /// <summary>
    /// By a rule's id, the chains that it has to be in, where that was tried: all that deny it and no other. A rule
    /// that is not named goes where the record says.
    /// </summary>
    public IReadOnlyDictionary<string, IReadOnlyList<NftablesChain>> Tried { get; init; } = Nowhere;

    public static NftablesPlacement Default { get; } = new("inet", "filter", "input", "output");
}
