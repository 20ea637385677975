namespace ScanEngineAdmin.Core.Backup;

/// <summary>What to import.</summary>
/// <param name="Path">The export.</param>
/// <param name="Passphrase">What it was sealed with, in UTF-8; the caller wipes it.</param>
/// <param name="Force">Puts it in the place of a console that is there, which is kept beside it.</param>
internal sealed record ImportRequest(string Path, ReadOnlyMemory<byte> Passphrase, bool Force)
{
    /// <summary>
    /// The time of an earlier import under a clock that was ahead, as the refusal of an engine that has met it names
    /// it: this one begins a later generation. Null for by the clock alone.
    /// </summary>
    public DateTimeOffset? LaterThan { get; init; }
}
