namespace ScanEngineAdmin.Core.Backup;

/// <summary>What to import.</summary>
/// <param name="Path">The export.</param>
/// <param name="Passphrase">What it was sealed with, in UTF-8; the caller wipes it.</param>
/// <param name="Force">Puts it in the place of a console that is there, which is kept beside it.</param>
public sealed record ImportRequest(string Path, ReadOnlyMemory<byte> Passphrase, bool Force);
