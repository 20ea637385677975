using System.Management.Automation;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Export;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Writes what scans have found into one file: CSV, JSON lines, or nmap's XML.</para>
/// <para type="description">It reads and writes as it goes, whatever the number of findings. The file is there whole or
/// not at all. A CSV cell that a spreadsheet would take for a formula begins with an apostrophe: what a port says is
/// the scanned host's choice.</para>
/// </summary>
/// <example>
/// <code>Export-EngineScan -Name lab-1 -State Open -Path open.csv</code>
/// <para>All open ports that were found from one engine, for a spreadsheet.</para>
/// </example>
/// <example>
/// <code>Get-EngineScan -State Completed | Export-EngineScan -Path scans.xml</code>
/// <para>For what imports nmap's results; the format follows from the file's name.</para>
/// </example>
[Cmdlet(VerbsData.Export, "EngineScan", SupportsShouldProcess = true)]
[OutputType(typeof(FileInfo))]
public sealed class ExportEngineScanCommand : ScanSelectionCommand
{
    private readonly Gathered<ScanRecord> _scans = new(scan => scan.ScanId);

    /// <summary>
    /// <para>The file to write.</para>
    /// </summary>
    [Parameter(Mandatory = true)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = string.Empty;

    /// <summary>
    /// <para>Csv, JsonLines or NmapXml. Without it by the file's name: .csv, .xml, and .jsonl or .ndjson.</para>
    /// </summary>
    [Parameter]
    public FindingFormat? Format { get; set; }

    /// <summary>
    /// <para>Replaces a file of that name.</para>
    /// </summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override void ProcessScan(ScanRecord scan) => _scans.Add(scan);

    private protected override void Settle()
    {
        ScanRecord[] scans = _scans.TakeAll();
        string path = FilePath(Path);
        FindingFormat format = Format ?? ByName(path);
        WholeFile.Refuse(path, Force);
        if (scans.Length == 0)
        {
            WriteWarning("No scan was named: nothing was written.");
            return;
        }

        if (ShouldProcess(path, $"Export the findings of {scans.Length} scans as {format}"))
        {
            Write(scans, path, format);
            WriteObject(FileItem(path));
        }
    }

    private void Write(ScanRecord[] scans, string path, FindingFormat format) => WholeFile.Write(path, Force, file =>
    {
        using IFindingWriter writer = Open(file, format);
        writer.Begin(scans);
        foreach (ScanRecord scan in scans)
        {
            foreach ((ScanRecord by, Finding finding) in Findings(OpenedAdmin, scan))
            {
                writer.Write(by, finding);
            }
        }

        writer.End();
    });

    private static IFindingWriter Open(FileStream file, FindingFormat format) => format switch
    {
        FindingFormat.Csv => new CsvFindings(file),
        FindingFormat.JsonLines => new JsonFindings(file),
        _ => new NmapFindings(file),
    };

    private static FindingFormat ByName(string path) => System.IO.Path.GetExtension(path).ToUpperInvariant() switch
    {
        ".CSV" => FindingFormat.Csv,
        ".XML" => FindingFormat.NmapXml,
        ".JSONL" or ".NDJSON" => FindingFormat.JsonLines,
        string other => throw new ScanEngineException(
            FaultCode.OptionInvalid,
            $"What to write does not follow from the name '{other}'.",
            "Say it: -Format Csv, JsonLines or NmapXml.",
            nameof(Format)),
    };
}
