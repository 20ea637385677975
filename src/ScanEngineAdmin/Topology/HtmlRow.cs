using ScanEngineAdmin.Domain.Directions;

namespace ScanEngineAdmin.Topology;

/// <summary>The table row of one engine on a page.</summary>
internal static class HtmlRow
{
    public static string Of(TopologyModel model, TopologyEngine engine)
    {
        string status = StatusWord.Of(engine.Status) + (engine.IsPaired ? string.Empty : ", not paired");
        string detail = engine.StatusDetail.Length == 0 ? string.Empty : $"<br><span class=\"soft\">{Text(engine.StatusDetail)}</span>";
        string contact = engine.LastContact is { } last
            ? $"<time datetime=\"{TopologyText.Machine(last)}\">{TopologyText.Time(last)}</time>"
                + $"<br><span class=\"soft\">{DirectionArrow.Age(model.Generated - last)}</span>"
            : "never";
        string change = engine.Change is { } open
            ? $"{StatusWord.Of(open)}<br><span class=\"soft\">since {TopologyText.Time(open.Requested)}</span>" : "none";
        string firewall = model.Firewall is null ? string.Empty : $"<td>{Firewall(model.Firewall, engine)}</td>";
        return $"<tr data-engine=\"{TopologyText.Number(engine.Index)}\"><th scope=\"row\">{Text(engine.Name)}</th>"
            + $"<td>{SvgTopology.Shape(engine.Status)}{status}{detail}</td>"
            + $"<td>{Direction(engine)}</td><td>{Text(engine.Address ?? "not known")}</td><td>{contact}</td><td>{change}</td>"
            + $"<td>{(engine.Pools.Count == 0 ? "none" : Text(string.Join(", ", engine.Pools)))}</td>{firewall}</tr>";
    }

    public static string Of(TopologyDrift drift) =>
        $"{drift.Words}{(drift.Port is { } port ? $", port {TopologyText.Number(port)}" : string.Empty)}: {Text(drift.Detail)}";

    private static string Direction(TopologyEngine engine)
    {
        string port = engine.Port is { } number ? $", port {TopologyText.Number(number)}" : string.Empty;
        return engine.Direction == CommunicationDirection.EngineToConsole
            ? $"reverse: engine → console{port}" : $"standard: console → engine{port}";
    }

    private static string Firewall(TopologyFirewall firewall, TopologyEngine engine)
    {
        string drift = string.Join("<br>", firewall.Of(engine).Select(Of));
        return drift.Length > 0 ? drift : firewall.Provider is null ? "not known" : "as needed";
    }

    private static string Text(string text) => TopologyText.Markup(text);
}
