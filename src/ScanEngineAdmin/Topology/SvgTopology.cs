using System.Globalization;
using System.Text;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;

namespace ScanEngineAdmin.Topology;

/// <summary>
/// The drawing: the console on the left, a box for each group on the right, an arrow from who dials to who is dialled.
/// </summary>
internal sealed class SvgTopology
{
    private const int Width = 1000;
    private const int Left = 400;
    private const int Trunk = 262;
    private const int RowHeight = 42;
    private const int HeadHeight = 34;
    private const int Top = 16;

    // At the height of the first arrow of the first group.
    private const int ConsoleY = Top + HeadHeight + 10;
    private readonly TopologyModel _model;
    private readonly StringBuilder _svg = new();

    private SvgTopology(TopologyModel model) => _model = model;

    /// <summary>A file of its own.</summary>
    public static string Document(TopologyModel model) => new SvgTopology(model).Draw(PageAsset.Read("drawing.css"));

    /// <summary>A part of a page that has the style sheet.</summary>
    public static string Part(TopologyModel model) => new SvgTopology(model).Draw(null);

    /// <summary>The shape of a status for use outside of the drawing.</summary>
    public static string Shape(CommunicationStatus status) =>
        $"<svg class=\"shape\" viewBox=\"-6 -6 12 12\" aria-hidden=\"true\"><use href=\"#shape-{StatusWord.Class(status)}\"/></svg>";

    private string Draw(string? style)
    {
        int height = Top + _model.Groups.Sum(GroupHeight) + 44;
        height = Math.Max(height, 190);
        string size = string.Create(CultureInfo.InvariantCulture, $"width=\"{Width}\" height=\"{height}\" viewBox=\"0 0 {Width} {height}\"");
        Line($"<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"drawing\" {size} role=\"img\" aria-labelledby=\"drawing-title drawing-text\">");
        Line($"<title id=\"drawing-title\">Scan engines of the console {TopologyText.Markup(_model.Console.Name)}</title>");
        Line($"<desc id=\"drawing-text\">{TopologyText.Markup(Description())}</desc>");
        if (style is not null)
        {
            Line($"<style>\n{style}</style>");
            Line("<rect width=\"100%\" height=\"100%\" fill=\"var(--back)\"/>");
        }

        Shapes();
        int y = Top;
        int last = ConsoleY;
        foreach (TopologyGroup group in _model.Groups)
        {
            last = Math.Max(last, Group(group, y));
            y += GroupHeight(group);
        }

        if (_model.Groups.Any(static group => group.Engines.Count > 0))
        {
            Line(Format($"<path class=\"way\" d=\"M 236 {ConsoleY} H {Trunk} V {last}\"/>"));
        }

        Console();
        Legend(height - 18);
        Line("</svg>");
        return _svg.ToString();
    }

    private string Description() => string.Join(", ", StatusWord.All
        .Select(status => (status, count: _model.Engines.Count(engine => engine.Status == status)))
        .Where(static x => x.count > 0)
        .Select(static x => $"{TopologyText.Number(x.count)} {StatusWord.Of(x.status)}")
        .Prepend($"As of {TopologyText.Time(_model.Generated)}: {TopologyText.Count(_model.Engines.Count, "engine")}"));

    private void Shapes()
    {
        Line("<defs>");
        Line("<circle id=\"shape-active\" class=\"active\" r=\"5\"/>");
        Line("<path id=\"shape-silent\" class=\"silent\" stroke-width=\"2.5\" d=\"M -5 -5 L 5 5 M 5 -5 L -5 5\"/>");
        Line("<path id=\"shape-pending\" class=\"pending\" d=\"M 0 -6 L 6 0 L 0 6 L -6 0 Z\"/>");
        Line("<rect id=\"shape-incompatible\" class=\"incompatible\" x=\"-5\" y=\"-5\" width=\"10\" height=\"10\"/>");
        Line("<circle id=\"shape-unknown\" class=\"unknown\" stroke-width=\"2\" r=\"4.5\"/>");
        Line("</defs>");
    }

    private void Console()
    {
        TopologyConsole console = _model.Console;
        Line("<g>");
        Line($"<title>{TopologyText.Markup(console.Name)}</title>");
        Line(Format($"<rect class=\"box\" x=\"16\" y=\"{Top}\" width=\"220\" height=\"96\" rx=\"6\"/>"));
        Text(28, 38, "soft", "Security Console");
        Text(28, 58, "head", TopologyText.Fit(console.Name, 26));
        Text(28, 78, "soft", TopologyText.Fit(console.EndPoint ?? "listens nowhere yet", 30));
        Text(28, 98, "soft", console.IsRunning ? "Running" : "Stopped");
        Line("</g>");
    }

    private int GroupHeight(TopologyGroup group) =>
        HeadHeight + (RowHeight * Math.Max(TopologyRow.Of(_model, group).Count, 1)) + 16;

    // Returns where its last arrow is.
    private int Group(TopologyGroup group, int y)
    {
        IReadOnlyList<TopologyRow> rows = TopologyRow.Of(_model, group);
        string title = group.Title(_model.Groups.Count == 1);
        Line(Format($"<rect class=\"box\" x=\"{Left}\" y=\"{y}\" width=\"{Width - Left - 16}\" height=\"{GroupHeight(group) - 16}\" rx=\"6\"/>"));
        Line(Format($"<g><title>{TopologyText.Markup(title)}</title>"));
        Text(Left + 16, y + 22, "head", TopologyText.Fit(title, 56));
        Line("</g>");
        Text(Width - 28, y + 22, "soft", TopologyText.Count(group.Engines.Count, "engine"), " text-anchor=\"end\"");
        int at = y + HeadHeight + 14;
        int last = ConsoleY;
        foreach (TopologyRow row in rows)
        {
            Row(row, at);
            last = at - 4;
            at += RowHeight;
        }

        if (rows.Count == 0)
        {
            Text(Left + 16, at, "soft", "No engine is in it.");
        }

        return last;
    }

    private void Row(TopologyRow row, int y)
    {
        string engine = row.Engine is { } index ? Format($" data-engine=\"{index}\"") : string.Empty;
        string words = row.Notes.Length > 0 ? $"{row.Title} · {row.Detail} · {row.Notes}" : $"{row.Title} · {row.Detail}";
        Line($"<g{engine}>");
        Line($"<title>{TopologyText.Markup($"{words} · {StatusWord.Of(row.Direction)}")}</title>");
        Arrow(row.Direction, row.Port, y);
        Line(Format($"<use href=\"#shape-{StatusWord.Class(row.Status)}\" x=\"{Left + 22}\" y=\"{y - 4}\"/>"));
        Text(Left + 38, y, "head", TopologyText.Fit(row.Title, row.Notes.Length > 0 ? 34 : 60));
        Text(Left + 38, y + 17, "soft", TopologyText.Fit(row.Detail, 84));
        if (row.Notes.Length > 0)
        {
            Text(Width - 28, y, "note", TopologyText.Fit(row.Notes, 46));
        }

        Line("</g>");
    }

    private void Arrow(CommunicationDirection direction, int? port, int y)
    {
        bool reverse = direction == CommunicationDirection.EngineToConsole;
        int line = y - 4;
        Line(Format($"<path class=\"way {(reverse ? "reverse" : "standard")}\" d=\"M {Trunk + (reverse ? 9 : 0)} {line} H {Left - (reverse ? 0 : 9)}\"/>"));
        Line(reverse
            ? Format($"<path class=\"tip\" d=\"M {Trunk + 1} {line} l 10 -5 v 10 Z\"/>")
            : Format($"<path class=\"tip\" d=\"M {Left} {line} l -10 -5 v 10 Z\"/>"));
        string label = port is { } number ? $"{StatusWord.Of(direction)} {TopologyText.Number(number)}" : StatusWord.Of(direction);
        Text((Trunk + Left) / 2, line - 5, "port", label);
    }

    private void Legend(int y)
    {
        int x = 28;
        foreach (CommunicationStatus status in StatusWord.All)
        {
            Line(Format($"<use href=\"#shape-{StatusWord.Class(status)}\" x=\"{x}\" y=\"{y - 4}\"/>"));
            Text(x + 12, y, "soft", StatusWord.Of(status));
            x += 36 + (7 * StatusWord.Of(status).Length);
        }

        Text(Width - 28, y, "soft", "solid: the console dials · dashed: the engine dials", " text-anchor=\"end\"");
    }

    private void Text(int x, int y, string style, string text, string more = "") =>
        Line(Format($"<text x=\"{x}\" y=\"{y}\" class=\"{style}\"{more}>{TopologyText.Markup(text)}</text>"));

    private void Line(string line) => _svg.Append(line).Append('\n');

    private static string Format(FormattableString text) => FormattableString.Invariant(text);
}
