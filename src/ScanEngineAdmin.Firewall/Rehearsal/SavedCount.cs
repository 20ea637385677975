namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>A rule or policy of iptables that has counted a packet.</summary>
/// <param name="Tables">Whose it is.</param>
/// <param name="Table">The table.</param>
/// <param name="Line">The line, as it is saved.</param>
/// <param name="IsPolicy">Whether it is a chain's policy.</param>
/// <param name="Place">Its line in the table.</param>
internal sealed record SavedCount(SavedTables Tables, string Table, string Line, bool IsPolicy, int Place)
{
    public string Chain => IsPolicy ? Line[1..].Split(' ')[0] : Line.Split(' ')[1];

    public bool Denies => IsPolicy
        ? Line.EndsWith(" DROP", StringComparison.Ordinal)
        : SavedRule.Denies(Line);

    /// <summary>Whether it stands right behind the other.</summary>
    public bool IsNext(SavedCount other) =>
        Tables == other.Tables && Table == other.Table && Place == other.Place + 1;

    public bool Refuses => !IsPolicy && SavedRule.Target(Line) == "REJECT";
}
