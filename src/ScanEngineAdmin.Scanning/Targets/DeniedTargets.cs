namespace ScanEngineAdmin.Scanning.Targets;

/// <summary>What an engine does with a scan of targets that its policy does not allow. Stored by name.</summary>
public enum DeniedTargets
{
    /// <summary>The whole scan is refused: nobody takes a part for the whole.</summary>
    Refuse,

    /// <summary>They are passed over, and the scan's detail says how many.</summary>
    Skip,
}
