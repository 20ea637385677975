namespace ScanEngineAdmin.Faults.Disk;

/// <summary>What takes the room of the disk.</summary>
internal enum Filler
{
    /// <summary>What an honest engine finds.</summary>
    Findings,

    /// <summary>A paired engine that answers with banners from everywhere.</summary>
    HostileEngine,

    /// <summary>Exports of the console, onto the same disk.</summary>
    Export,

    /// <summary>The node's own log, onto the same disk.</summary>
    Log,

    /// <summary>To the last byte.</summary>
    AnotherProgram,
}
