using System.Management.Automation;
using System.Text;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Export;
using ScanEngineAdmin.Pipeline;
using ScanEngineAdmin.Topology;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Writes a picture of the console, its engines and its pools: a page, a drawing, a Mermaid flowchart,
/// or JSON.</para>
/// <para type="description">An arrow goes from who dials to who is dialled; status has a word, a shape and a colour. The page
/// is one file that loads nothing, with a filter, light and dark, and fit to print. Up to 40 engines are drawn one by one,
/// more by pool, direction and status; the page's tables and the JSON have them all. It reads the console's store as
/// Get-ScanEngine does, and asks no engine. The file is there whole or not at all.</para>
/// </summary>
/// <example>
/// <code>Export-ScanEngineTopology -Path engines.html</code>
/// <para>All engines as a page; the format follows from the file's name.</para>
/// </example>
/// <example>
/// <code>Get-ScanEngine -Status NotResponding | Export-ScanEngineTopology -Path silent.svg -IncludeFirewall -Force</code>
/// <para>A drawing of the engines that are silent, with what the firewall of the console's host lacks for them.</para>
/// </example>
[Cmdlet(VerbsData.Export, "ScanEngineTopology", SupportsShouldProcess = true)]
[OutputType(typeof(FileInfo))]
public sealed class ExportScanEngineTopologyCommand : ConsoleViewCommand
{
    /// <summary>
    /// <para>The file to write.</para>
    /// </summary>
    [Parameter(Mandatory = true)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = string.Empty;

    /// <summary>
    /// <para>Html, Svg, Mermaid or Json. Without it by the file's name: .html or .htm, .svg, .mmd or .mermaid, .json.</para>
    /// </summary>
    [Parameter]
    public TopologyFormat? Format { get; set; }

    /// <summary>
    /// <para>Also compares what the console's pairings need of this host's firewall with the rules that are there, as
    /// Compare-EngineFirewall does. It asks the firewall's tools, which most users may not.</para>
    /// </summary>
    [Parameter]
    public SwitchParameter IncludeFirewall { get; set; }

    /// <summary>
    /// <para>Replaces a file of that name.</para>
    /// </summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override void ShowNone() => WriteWarning("No engine was named: nothing was written.");

    private protected override void Show(EngineRecord[] engines, bool all)
    {
        string path = FilePath(Path);
        TopologyFormat format = Format ?? ByName(path);
        WholeFile.Refuse(path, Force);
        if (!ShouldProcess(path, $"Export {engines.Length} engines as {format}"))
        {
            return;
        }

        TopologySource source = TopologyReader.Read(OpenedAdmin, engines, all);
        if (IncludeFirewall)
        {
            source = source with
            {
                Filter = Await((_, token) => TopologyReader.ReadFilterAsync(OpenedAdmin.Folder, all, token)),
            };
        }

        TopologyModel model = TopologyBuilder.Build(source);
        byte[] text = Encoding.UTF8.GetBytes(format switch
        {
            TopologyFormat.Svg => SvgTopology.Document(model),
            TopologyFormat.Mermaid => MermaidTopology.Write(model),
            TopologyFormat.Json => JsonTopology.Write(model),
            _ => HtmlTopology.Write(model),
        });
        WholeFile.Write(path, Force, file => file.Write(text));
        WriteObject(FileItem(path));
    }

    private static TopologyFormat ByName(string path) => System.IO.Path.GetExtension(path).ToUpperInvariant() switch
    {
        ".HTML" or ".HTM" => TopologyFormat.Html,
        ".SVG" => TopologyFormat.Svg,
        ".MMD" or ".MERMAID" => TopologyFormat.Mermaid,
        ".JSON" => TopologyFormat.Json,
        string other => throw new ScanEngineException(
            FaultCode.OptionInvalid,
            $"What to write does not follow from the name '{other}'.",
            "Say it: -Format Html, Svg, Mermaid or Json.",
            nameof(Format)),
    };
}
