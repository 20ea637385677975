namespace ScanEngineAdmin.Domain.Scans;

/// <summary>What an admin wants of a scan that is not finished. Stored by name: never rename one.</summary>
internal enum ScanSuspension
{
    None,

    /// <summary>It is to rest: it is suspended once its engine has delivered what it found until then.</summary>
    Asked,

    /// <summary>It is to go on again, though its engine may have been told to end this attempt: it is queued then.</summary>
    Ended,
}
