namespace ScanEngineAdmin.Domain.Scans;

/// <summary>Where a scan stands, as the console's store holds it.</summary>
public enum ScanState
{
    /// <summary>In the console's queue.</summary>
    Queued,

    /// <summary>Sent to the engine; it has not said that it runs.</summary>
    Dispatched,

    Running,
    Completed,
    Failed,

    /// <summary>Stopped by an admin; what was found so far is kept.</summary>
    Stopped,

    /// <summary>It rests until an admin resumes it: nobody runs it, and it goes on where it was.</summary>
    Suspended,
}
