using ScanEngineAdmin.Channel;

namespace ScanEngineAdmin.Core.Backup;

/// <summary>What the head of an export says of it, without its passphrase.</summary>
internal sealed record ConsoleExport
{
    public required string Path { get; init; }

    public required Guid ConsoleId { get; init; }

    public required Fingerprint Fingerprint { get; init; }

    /// <summary>Whether the console's key is in it: then the file is the console.</summary>
    public required bool HasIdentity { get; init; }

    public required DateTimeOffset Created { get; init; }

    /// <summary>The host it was made on.</summary>
    public required string MachineName { get; init; }

    /// <summary>The version of the product that made it.</summary>
    public required string Product { get; init; }

    public required long Length { get; init; }

    /// <summary>After an import: where what was there before is kept; null if nothing was.</summary>
    public string? KeptPath { get; init; }
}
