namespace ScanEngineAdmin;

/// <summary>
/// Texts of an object that is returned. PowerShell indexes it as an array, and its own text is all of them with commas:
/// that is what Export-Csv writes and the cmdlets read again, where an array would become the word System.String[].
/// </summary>
public sealed class TextList : List<string>
{
    internal TextList(IEnumerable<string> texts)
        : base(texts)
    {
    }

    /// <summary>As an array has it: PowerShell would give the lengths of the texts.</summary>
    public int Length => Count;

    public override string ToString() => string.Join(", ", this);
}
