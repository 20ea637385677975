using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;

namespace ScanEngineAdmin.Topology;

/// <summary>One arrow of a drawing and what is at its engine's end: an engine, or those of one direction and status.</summary>
/// <param name="Direction">Who dials.</param>
/// <param name="Port">At which port; null where that is not known, or not the same for all.</param>
/// <param name="Status">The status.</param>
/// <param name="Title">What is there.</param>
/// <param name="Detail">What else is to be said.</param>
/// <param name="Notes">What an admin should know before others.</param>
/// <param name="Engine">The index of the engine; null for several.</param>
internal sealed record TopologyRow(
    CommunicationDirection Direction,
    int? Port,
    CommunicationStatus Status,
    string Title,
    string Detail,
    string Notes,
    int? Engine)
{
    private const int NamesWidth = 84;

    public static IReadOnlyList<TopologyRow> Of(TopologyModel model, TopologyGroup group) => model.IsDetailed
        ? [.. group.Engines.Select(engine => Single(model, engine))]
        : [.. group.Engines.GroupBy(static e => (e.Direction, e.Status))
            .OrderBy(static g => g.Key.Direction).ThenBy(static g => StatusWord.Order(g.Key.Status))
            .Select(several => Several(model, [.. several]))];

    private static TopologyRow Single(TopologyModel model, TopologyEngine engine)
    {
        string contact = engine.LastContact is { } last
            ? $"{TopologyText.Time(last)} ({DirectionArrow.Age(model.Generated - last)})"
            : "no contact yet";
        string address = engine.Address is null ? string.Empty : $" · {engine.Address}";
        return new TopologyRow(
            engine.Direction,
            engine.Port,
            engine.Status,
            engine.Name,
            $"{StatusWord.Of(engine.Status)} · {contact}{address}",
            Joined([engine.Change is null ? null : StatusWord.Of(engine.Change), Firewall(model, [engine])]),
            engine.Index);
    }

    private static TopologyRow Several(TopologyModel model, TopologyEngine[] engines)
    {
        int?[] ports = [.. engines.Select(static e => e.Port).Distinct()];
        int changes = engines.Count(static e => e.Change is not null);
        return new TopologyRow(
            engines[0].Direction,
            ports.Length == 1 ? ports[0] : null,
            engines[0].Status,
            $"{TopologyText.Count(engines.Length, "engine")} · {StatusWord.Of(engines[0].Status)}",
            Names(engines),
            Joined([changes == 0 ? null : TopologyText.Count(changes, "change") + " pending", Firewall(model, engines)]),
            null);
    }

    private static string Joined(IEnumerable<string?> notes) => string.Join(" · ", notes.OfType<string>());

    private static string? Firewall(TopologyModel model, TopologyEngine[] engines)
    {
        int differences = engines.Sum(engine => model.Firewall?.Of(engine).Count() ?? 0);
        return differences == 0 ? null : $"firewall: {TopologyText.Count(differences, "difference")}";
    }

    // As many names as there is room for, and at least one.
    private static string Names(TopologyEngine[] engines)
    {
        string names = engines[0].Name;
        for (int shown = 1; shown < engines.Length; shown++)
        {
            string more = $" and {TopologyText.Number(engines.Length - shown)} more";
            string next = $"{names}, {engines[shown].Name}";
            if (TopologyText.Cells(next) + more.Length > NamesWidth)
            {
                return names + more;
            }

            names = next;
        }

        return names;
    }
}
