using System.Text;
using ScanEngineAdmin.Domain.Engines;

namespace ScanEngineAdmin.Topology;

/// <summary>
/// One page with the drawing, the same in tables, and a filter. Its Content-Security-Policy allows its own style sheet and
/// script and nothing else, and everything that has a name from elsewhere is text.
/// </summary>
internal sealed class HtmlTopology
{
    private readonly TopologyModel _model;
    private readonly StringBuilder _html = new();

    private HtmlTopology(TopologyModel model) => _model = model;

    public static string Write(TopologyModel model) => new HtmlTopology(model).Page();

    private string Page()
    {
        string style = PageAsset.Read("drawing.css") + PageAsset.Read("page.css");
        string script = PageAsset.Read("page.js");
        string title = Text($"Scan engines of the console {_model.Console.Name}");
        Line("<!DOCTYPE html>");
        Line("<html lang=\"en\">");
        Line("<head>");
        Line("<meta charset=\"utf-8\">");
        Line("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
            + $"style-src {PageAsset.Hash(style)}; script-src {PageAsset.Hash(script)}; base-uri 'none'; form-action 'none'\">");
        Line("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
        Line("<meta name=\"referrer\" content=\"no-referrer\">");
        Line($"<title>{title}</title>");
        Line($"<style>{style}</style>");
        Line("</head>");
        Line("<body>");
        Header(title);
        Line("<main>");
        Line("<h2>Drawing</h2>");
        Line("<div class=\"wide\" role=\"region\" aria-label=\"Drawing\" tabindex=\"0\">");
        _html.Append(SvgTopology.Part(_model));
        Line("</div>");
        Line("<h2>Engines</h2>");
        Controls();
        foreach (TopologyGroup group in _model.Groups)
        {
            Group(group);
        }

        Firewall();
        Line("</main>");
        Line($"<script>{script}</script>");
        Line("</body>");
        Line("</html>");
        return _html.ToString();
    }

    private void Header(string title)
    {
        TopologyConsole console = _model.Console;
        Line("<header>");
        Line($"<h1>{title}</h1>");
        Line($"<p class=\"soft\">As of {TopologyText.Time(_model.Generated)}; ages are as of then. "
            + $"The console {(console.IsRunning ? "was running" : "was stopped")}"
            + $"{(console.EndPoint is null ? string.Empty : $", at {Text(console.EndPoint)}")}.</p>");
        if (console.Fingerprint is not null)
        {
            Line($"<p class=\"soft\">Fingerprint {Text(console.Fingerprint)}</p>");
        }

        Line($"<p>{TopologyText.Count(_model.Engines.Count, "engine")}</p>");
        Counts(_model.Engines);
        Line("</header>");
    }

    private void Counts(IReadOnlyList<TopologyEngine> engines)
    {
        if (engines.Count == 0)
        {
            return;
        }

        Line("<ul class=\"counts\">");
        foreach (IGrouping<CommunicationStatus, TopologyEngine> status in ByStatus(engines))
        {
            Line($"<li>{SvgTopology.Shape(status.Key)}{TopologyText.Number(status.Count())} {StatusWord.Of(status.Key)}</li>");
        }

        Line("</ul>");
    }

    private void Controls()
    {
        Line("<div class=\"controls\" hidden>");
        Line("<label for=\"filter\">Filter</label><input type=\"search\" id=\"filter\" autocomplete=\"off\" spellcheck=\"false\">");
        Line("<button type=\"button\" id=\"expand\">Expand all</button><button type=\"button\" id=\"collapse\">Collapse all</button>");
        Line("<span id=\"shown\" role=\"status\"></span>");
        Line("</div>");
    }

    private void Group(TopologyGroup group)
    {
        string counts = string.Join(", ", ByStatus(group.Engines).Select(
            static status => $"{TopologyText.Number(status.Count())} {StatusWord.Of(status.Key)}"));
        Line($"<details class=\"pool\"{Open(_model.IsDetailed)}>");
        Line($"<summary>{Text(group.Title(_model.Groups.Count == 1))} <span>{(counts.Length == 0 ? "no engine" : counts)}</span></summary>");
        foreach (IGrouping<CommunicationStatus, TopologyEngine> status in ByStatus(group.Engines))
        {
            Line($"<details{Open(_model.IsDetailed || status.Key != CommunicationStatus.Active)}>");
            Line($"<summary>{SvgTopology.Shape(status.Key)}{StatusWord.Of(status.Key)} ({TopologyText.Number(status.Count())})</summary>");
            Table([.. status]);
            Line("</details>");
        }

        Line("</details>");
    }

    private void Table(IReadOnlyList<TopologyEngine> engines)
    {
        Line("<table>");
        Line("<thead><tr><th scope=\"col\">Engine</th><th scope=\"col\">Status</th><th scope=\"col\">Direction</th>"
            + "<th scope=\"col\">Address</th><th scope=\"col\">Last contact</th><th scope=\"col\">Change</th>"
            + $"<th scope=\"col\">Pools</th>{(_model.Firewall is null ? string.Empty : "<th scope=\"col\">Firewall</th>")}</tr></thead>");
        Line("<tbody>");
        foreach (TopologyEngine engine in engines)
        {
            Line(HtmlRow.Of(_model, engine));
        }

        Line("</tbody>");
        Line("</table>");
    }

    private void Firewall()
    {
        if (_model.Firewall is not { } firewall)
        {
            return;
        }

        Line("<h2>Firewall of the console's host</h2>");
        Line($"<p>{(firewall.Provider is null ? "Nothing was compared." : $"Filter: {Text(firewall.Provider)}, {TopologyText.Count(firewall.Drift.Count, "difference")}.")}"
            + $" {Text(firewall.Reason)}</p>");
        TopologyDrift[] others = [.. firewall.Drift.Where(static drift => drift.Engine is null)];
        if (others.Length > 0)
        {
            Line("<p>Rules of pairings that are gone:</p>");
            Line("<ul>");
            foreach (TopologyDrift drift in others)
            {
                Line($"<li>{HtmlRow.Of(drift)}</li>");
            }

            Line("</ul>");
        }
    }

    private static IEnumerable<IGrouping<CommunicationStatus, TopologyEngine>> ByStatus(IEnumerable<TopologyEngine> engines) =>
        engines.GroupBy(static engine => engine.Status).OrderBy(static group => StatusWord.Order(group.Key));

    private static string Open(bool open) => open ? " open" : string.Empty;

    private static string Text(string text) => TopologyText.Markup(text);

    private void Line(string line) => _html.Append(line).Append('\n');
}
