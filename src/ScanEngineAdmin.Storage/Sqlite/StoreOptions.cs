namespace ScanEngineAdmin.Storage.Sqlite;

/// <summary>The bounds of a store; tests shorten them.</summary>
internal sealed record StoreOptions
{
    /// <summary>
    /// How long a lock held elsewhere is waited for: far longer than any write of this product takes, shorter than an
    /// admin waits before pressing Ctrl+C.
    /// </summary>
    public TimeSpan BusyTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Audit events kept of each class; older ones go.</summary>
    public int KeptEvents { get; init; } = 100_000;

    /// <summary>Audit events kept of what one paired peer caused: none pushes out what is known of another.</summary>
    public int KeptEventsPerPeer { get; init; } = 2_000;

    /// <summary>Audit events that one paired peer can cause within an hour.</summary>
    public int PeerEventsPerHour { get; init; } = 200;

    /// <summary>Audit events that all strangers together can cause within an hour.</summary>
    public int StrangerEventsPerHour { get; init; } = 500;

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
