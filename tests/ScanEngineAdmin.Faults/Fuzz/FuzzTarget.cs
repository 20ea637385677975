namespace ScanEngineAdmin.Faults.Fuzz;

/// <summary>One thing that reads bytes or text of strangers.</summary>
/// <param name="Name">Also the name of its corpus.</param>
/// <param name="Weight">Its share of the inputs: cheap ones get most.</param>
/// <param name="Seeds">Valid inputs to begin with.</param>
/// <param name="Tokens">What its grammar is made of.</param>
/// <param name="Run">
/// Reads one input. Returns what became of it, so that inputs which lead somewhere new are kept; catches only what is
/// documented, so that whatever else is thrown is a crash.
/// </param>
internal sealed record FuzzTarget(
    string Name, int Weight, IReadOnlyList<byte[]> Seeds, IReadOnlyList<byte[]> Tokens, Func<byte[], int> Run)
{
    public int MaxLength { get; init; } = 4096;

    /// <summary>Bytes that reading one input may allocate: this and so many times its length.</summary>
    public long MaxAllocated { get; init; } = 256 * 1024;

    public int MaxAllocatedPerByte { get; init; } = 512;
}
