using ScanEngineAdmin.Core.Backup;

namespace ScanEngineAdmin;

/// <summary>A file that holds a Security Console, as Export-SecurityConsole wrote it.</summary>
public sealed class SecurityConsoleExport
{
    internal SecurityConsoleExport(ConsoleExport export, string dataPath)
    {
        Path = export.Path;
        ConsoleId = export.ConsoleId;
        Fingerprint = export.Fingerprint.ToString();
        HasIdentity = export.HasIdentity;
        Created = export.Created.LocalDateTime;
        MachineName = export.MachineName;
        Version = export.Product;
        Length = export.Length;
        DataPath = dataPath;
        KeptPath = export.KeptPath;
    }

    public string Path { get; }

    public Guid ConsoleId { get; }

    /// <summary>The console's identity, which its engines know it by.</summary>
    public string Fingerprint { get; }

    /// <summary>Whether the key is in the file: then whoever opens the file is the console.</summary>
    public bool HasIdentity { get; }

    public DateTime Created { get; }

    public string MachineName { get; }

    public string Version { get; }

    public long Length { get; }

    /// <summary>The data folder that it was exported from, or imported into.</summary>
    public string DataPath { get; }

    /// <summary>After an import: where the console that was there before is kept.</summary>
    public string? KeptPath { get; }

    public override string ToString() => Path;
}
