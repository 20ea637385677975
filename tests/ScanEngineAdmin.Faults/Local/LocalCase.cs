namespace ScanEngineAdmin.Faults.Local;

/// <summary>
/// One trick of another local user in a folder that is his, and what root then does there. Whatever the trick, root's
/// own files may neither be made, changed nor removed, nobody may be held up, and nothing of root's may be left.
/// </summary>
/// <param name="Name">What is put where.</param>
/// <param name="Plant">Does it.</param>
/// <param name="Race">A line of shell that the attacker repeats while root works; null for none.</param>
internal sealed record LocalCase(string Name, Action<LocalStage> Plant, string? Race = null)
{
    /// <summary>Whether even the owner's own node has to be refused the folder.</summary>
    public bool IsUnusable { get; init; }
}
