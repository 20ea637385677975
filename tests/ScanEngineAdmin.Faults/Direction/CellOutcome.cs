namespace ScanEngineAdmin.Faults.Direction;

/// <summary>What both ends agreed on in the end.</summary>
internal enum CellOutcome
{
    New,
    Old,

    /// <summary>They did not agree in time.</summary>
    Split,
}
