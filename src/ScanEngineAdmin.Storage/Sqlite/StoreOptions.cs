namespace ScanEngineAdmin.Storage.Sqlite;

/// <summary>The bounds of a store; tests shorten them.</summary>
internal sealed record StoreOptions
{
    /// <summary>
    /// How long a lock held elsewhere is waited for: far longer than any write of this product takes, shorter than an
    /// admin waits before pressing Ctrl+C.
    /// </summary>
    public TimeSpan BusyTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Audit events kept; older ones go: a peer that is refused all day cannot fill the disk.</summary>
    public int KeptEvents { get; init; } = 100_000;

    /// <summary>Changes of direction kept of each engine, beside those that something still needs.</summary>
    public int KeptChanges { get; init; } = 100;

    /// <summary>Pairing secrets kept, beside those that can still be used.</summary>
    public int KeptSecrets { get; init; } = 1_000;

    /// <summary>Findings read at a time: no read transaction is open while their reader takes its time.</summary>
    public int FindingsPerRead { get; init; } = 1024;

    /// <summary>Rows that one step of removing takes away: what others wait for at most.</summary>
    public int RowsPerStep { get; init; } = 500;

    /// <summary>Bytes of findings in one transaction: bounds what it adds to the write-ahead log.</summary>
    public int BytesPerWrite { get; init; } = 256 * 1024;

    /// <summary>Measures the disk of a folder; null for the disk as it is.</summary>
    public Func<string, DiskSpace>? Disk { get; init; }
}
