namespace ScanEngineAdmin;

/// <summary>What Export-ScanEngineTopology writes.</summary>
public enum TopologyFormat
{
    /// <summary>One page with the drawing, tables and a filter, which loads nothing from anywhere.</summary>
    Html,

    /// <summary>The drawing alone.</summary>
    Svg,

    /// <summary>A flowchart in Mermaid's language, for a wiki or a Markdown file.</summary>
    Mermaid,

    /// <summary>The data, for a program.</summary>
    Json,
}
