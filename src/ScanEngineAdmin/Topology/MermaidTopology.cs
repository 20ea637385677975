using System.Text;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;

namespace ScanEngineAdmin.Topology;

/// <summary>
/// A flowchart. Its nodes are named by number and their labels are text, so that no name is read as Mermaid's language.
/// </summary>
internal static class MermaidTopology
{
    private static readonly (CommunicationStatus Status, string Open, string Close, string Colour)[] Shapes =
    [
        (CommunicationStatus.NotResponding, "{{", "}}", "#cf222e"),
        (CommunicationStatus.Incompatible, "[[", "]]", "#8250df"),
        (CommunicationStatus.PendingAuthorization, "[/", "/]", "#9a6700"),
        (CommunicationStatus.Unknown, "[", "]", "#57606a"),
        (CommunicationStatus.Active, "([", "])", "#1a7f37"),
    ];

    public static string Write(TopologyModel model)
    {
        var text = new StringBuilder();
        var arrows = new StringBuilder();
        Line(text, $"%% Scan engines as of {TopologyText.Time(model.Generated)}");
        Line(text, "flowchart LR");
        string endPoint = model.Console.EndPoint is { } at ? $"<br/>{Label(at)}" : string.Empty;
        Line(text, $"  c[\"Security Console<br/>{Label(model.Console.Name)}{endPoint}<br/>{(model.Console.IsRunning ? "Running" : "Stopped")}\"]");
        for (int g = 0; g < model.Groups.Count; g++)
        {
            TopologyGroup group = model.Groups[g];
            IReadOnlyList<TopologyRow> rows = TopologyRow.Of(model, group);
            Line(text, $"  subgraph g{TopologyText.Number(g)}[\"{Label(group.Title(model.Groups.Count == 1))}\"]");
            if (rows.Count == 0)
            {
                Line(text, $"    g{TopologyText.Number(g)}e[\"No engine is in it\"]");
            }

            for (int r = 0; r < rows.Count; r++)
            {
                string id = $"g{TopologyText.Number(g)}r{TopologyText.Number(r)}";
                Line(text, $"    {Node(id, rows[r])}");
                Line(arrows, $"  {Arrow(id, rows[r])}");
            }

            Line(text, "  end");
        }

        text.Append(arrows);
        foreach ((CommunicationStatus status, _, _, string colour) in Shapes)
        {
            Line(text, $"  classDef {StatusWord.Class(status)} stroke:{colour},stroke-width:2px");
        }

        return text.ToString();
    }

    private static string Node(string id, TopologyRow row)
    {
        (_, string open, string close, _) = Shapes.First(shape => shape.Status == row.Status);
        string notes = row.Notes.Length == 0 ? string.Empty : $"<br/>{Label(row.Notes)}";
        return $"{id}{open}\"{Label(row.Title)}<br/>{Label(row.Detail)}{notes}\"{close}:::{StatusWord.Class(row.Status)}";
    }

    private static string Arrow(string id, TopologyRow row)
    {
        string port = row.Port is { } number ? $" {TopologyText.Number(number)}" : string.Empty;
        string label = $"|\"{StatusWord.Of(row.Direction)}{port}\"|";
        return row.Direction == CommunicationDirection.EngineToConsole ? $"{id} -.->{label} c" : $"c -->{label} {id}";
    }

    private static string Label(string text) => TopologyText.Mermaid(text);

    private static void Line(StringBuilder text, string line) => text.Append(line).Append('\n');
}
