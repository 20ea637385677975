namespace ScanEngineAdmin.Firewall.Providers.Nftables;

/// <summary>One base chain of a rule set, as <c>nft list ruleset</c> shows it.</summary>
/// <param name="Family">The table's family.</param>
/// <param name="Table">The table's name.</param>
/// <param name="Name">The chain's name.</param>
/// <param name="Hook">input, output, forward, ...</param>
/// <param name="DropsByDefault">Its policy.</param>
/// <param name="Rules">Its rules, one line each.</param>
internal sealed record NftChain(
    string Family, string Table, string Name, string Hook, bool DropsByDefault, IReadOnlyList<string> Rules)
{
    public bool Denies => DropsByDefault || Rules.Any(static r => HasWord(r, "drop") || HasWord(r, "reject"));

    // Not in a comment or a prefix of a log: what is in quotes is no word of the rule.
    private static bool HasWord(string rule, string word) => rule.Split('"').Where(static (_, i) => i % 2 == 0)
        .SelectMany(static p => p.Split([' ', '\t', ',', ';', '}'], StringSplitOptions.RemoveEmptyEntries))
        .Contains(word, StringComparer.Ordinal);

    /// <summary>Reads the base filter chains; what is not understood is left out.</summary>
    public static IReadOnlyList<NftChain> Read(string ruleset)
    {
        var chains = new List<NftChain>();
        (string Family, string Table) table = (string.Empty, string.Empty);
        string? name = null;
        string? head = null;
        var rules = new List<string>();
        foreach (string line in ruleset.Split('\n').Select(static l => l.Trim()))
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words is ["table", _, _, "{", ..])
            {
                table = (words[1], words[2]);
            }
            else if (words is ["chain", _, "{", ..])
            {
                (name, head) = (words[1], null);
                rules.Clear();
            }
            else if (name is not null && words is ["type", "filter", "hook", ..])
            {
                head = line;
            }
            else if (name is not null && line == "}")
            {
                if (head is not null)
                {
                    chains.Add(new NftChain(
                        table.Family, table.Table, name, head.Split(' ')[3],
                        head.Contains("policy drop", StringComparison.Ordinal), [.. rules]));
                }

                name = null;
            }
            else if (name is not null && line.Length > 0)
            {
                rules.Add(line);
            }
        }

        return chains;
    }
}
