namespace ScanEngineAdmin.Core.Backup;

/// <summary>What to export and where to.</summary>
/// <param name="Path">The file to write.</param>
/// <param name="Passphrase">What it is sealed with, in UTF-8; the caller wipes it.</param>
internal sealed record ExportRequest(string Path, ReadOnlyMemory<byte> Passphrase)
{
    /// <summary>Leaves the key out: the export can only be imported where the identity is already.</summary>
    public bool WithoutIdentity { get; init; }

    /// <summary>Replaces a file of that name.</summary>
    public bool Force { get; init; }
}
