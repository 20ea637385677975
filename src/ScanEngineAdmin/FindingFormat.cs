namespace ScanEngineAdmin;

/// <summary>What Export-EngineScan writes.</summary>
public enum FindingFormat
{
    /// <summary>One line for each finding, with a line of headings; for spreadsheets.</summary>
    Csv,

    /// <summary>One JSON object a line; for log pipelines and data tools.</summary>
    JsonLines,

    /// <summary>What nmap -oX writes; for everything that imports nmap's results.</summary>
    NmapXml,
}
