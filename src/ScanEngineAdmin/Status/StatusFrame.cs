using System.Globalization;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Topology;

namespace ScanEngineAdmin.Status;

/// <summary>Draws a frame of the status screen: the same source and look give the same lines.</summary>
internal sealed class StatusFrame(StatusSource source, StatusLook look)
{
    private const int DirectionCells = 26;
    private const int StateCells = 14;
    private const int AgeCells = 11;
    private const int ScansCells = 5;
    private const int BarCells = 20;

    // Two of the head, three above the rows of engines, scans and drift, and two above those of events.
    private const int FixedLines = 13;

    private readonly List<string> _lines = [];

    public static IReadOnlyList<string> Draw(StatusSource source, StatusLook look)
    {
        var frame = new StatusFrame(source, look);
        frame.Draw();
        return frame._lines;
    }

    private void Draw()
    {
        int room = (look.Height ?? int.MaxValue) - FixedLines;
        int drift = source.Topology.Filter is { } filter ? Most(filter.Rows.Count, room / 6) : 0;
        int events = Most(source.Events.Count, room / 4);
        int scans = Most(source.Scans.Count, room / 4);
        Head();
        Engines(Math.Max(1, room - drift - events - scans));
        Scans(scans);
        Firewall(drift);
        Events(events);
    }

    /// <summary>Also one for the line that says that there are none.</summary>
    private static int Most(int rows, int room) => Math.Max(1, Math.Min(rows, room));

    private void Head()
    {
        TopologyConsole console = source.Topology.Console;
        string time = source.Topology.Now.LocalDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
        string running = console.IsRunning ? $"running at {console.EndPoint}" : "stopped (Start-SecurityConsole)";
        Add(Line().Cell($"Console {console.Name}: {running}", look.Width - time.Length - 1, Bold).Cell(time));
        string engines = string.Join(", ", source.Topology.Engines.GroupBy(static engine => engine.Status)
            .OrderBy(static group => StatusWord.Order(group.Key))
            .Select(static group => $"{group.Count()} {StatusWord.Of(group.Key)}"));
        Add(Line().Cell(
            TopologyText.Count(source.Topology.Engines.Count, "engine")
            + (engines.Length > 0 ? $": {engines}" : string.Empty)));
    }

    private void Engines(int most)
    {
        int name = look.Width - DirectionCells - StateCells - AgeCells - ScansCells - 4;
        Title("ENGINES");
        Add(Line().Cell("Name", name, Dim).Cell("Direction", DirectionCells, Dim).Cell("State", StateCells, Dim)
            .Cell("Contact", AgeCells, Dim).Cell("Scans", ScansCells, Dim, right: true));
        EngineRecord[] engines =
        [
            .. source.Topology.Engines.OrderBy(static engine => StatusWord.Order(engine.Status))
                .ThenBy(static engine => engine.Name, StringComparer.OrdinalIgnoreCase),
        ];
        Rows(engines, most, "Register-ScanEngine makes the first one known.", engine => Line()
            .Cell(engine.Name, name)
            .Cell(Arrow(engine), DirectionCells)
            .Cell(StatusWord.Of(engine.Status), StateCells, Colour(engine.Status))
            .Cell(Age(engine.LastContact), AgeCells)
            .Cell(Number(source.Running.GetValueOrDefault(engine.PairingId)), ScansCells, right: true));
    }

    private void Scans(int most)
    {
        const int id = 8;
        const int state = 10;
        const int percent = 5;
        const int findings = 9;
        int name = look.Width - id - state - BarCells - percent - findings - 5;
        int running = source.Scans.Count(static scan => scan.State == ScanState.Running);
        Title($"SCANS: {running} running, {source.Scans.Count - running} waiting");
        Add(Line().Cell("Id", id, Dim).Cell("Engine", name, Dim).Cell("State", state, Dim)
            .Cell("Progress", BarCells + percent + 1, Dim).Cell("Findings", findings, Dim, right: true));
        Rows(source.Scans, most, "None is waiting or running.", scan => Line()
            .Cell(scan.ScanId.ToString("D", CultureInfo.InvariantCulture)[..id], id)
            .Cell(scan.EngineName, name)
            .Cell(scan.State.ToString(), state, scan.Cause == ScanCause.None ? null : look.Colours?.Warning)
            .Cell(scan.Cause == ScanCause.None ? Bar(scan) : scan.Cause.ToString(), BarCells)
            .Cell($"{Percent(scan)} %", percent, right: true)
            .Cell(Number(scan.FindingCount), findings, right: true));
    }

    private void Firewall(int most)
    {
        TopologyFilter? filter = source.Topology.Filter;
        Title("FIREWALL OF THIS HOST");
        if (filter is null)
        {
            Add(Line().Cell("Not looked at: -IncludeFirewall compares the rules.", colour: Dim));
            return;
        }

        Add(Line().Cell($"{filter.Provider ?? "none"}: {filter.Reason}", colour: Dim));
        Rows(filter.Rows, most, filter.Provider is null ? "Nothing was compared." : "As the pairings need it.", row => Line()
            .Cell(TopologyDrift.KindOf(row.Row.SideIndicator), 8, look.Colours?.Warning)
            .Cell(row.Engine ?? string.Empty, 21)
            .Cell($"{row.Row.RuleId} {row.Row.Detail}"));
    }

    private void Events(int most)
    {
        Title("EVENTS");
        Rows(source.Events, most, "None yet.", happened => Line()
            .Cell(happened.Time.LocalDateTime.ToString("HH:mm:ss", CultureInfo.InvariantCulture), 8, Dim)
            .Cell(happened.Event, 24)
            .Cell(Subject(happened), 16)
            .Cell(happened.Detail));
    }

    /// <summary>As many rows as there is room for; the last one says how many are left out.</summary>
    private void Rows<T>(IReadOnlyList<T> rows, int most, string none, Func<T, StatusLine> draw)
    {
        if (rows.Count == 0)
        {
            Add(Line().Cell(none, colour: Dim));
            return;
        }

        int shown = rows.Count <= most ? rows.Count : Math.Max(0, most - 1);
        foreach (T row in rows.Take(shown))
        {
            Add(draw(row));
        }

        if (shown < rows.Count)
        {
            Add(Line().Cell($"and {Number(rows.Count - shown)} more", colour: Dim));
        }
    }

    private void Title(string title)
    {
        _lines.Add(string.Empty);
        Add(Line().Cell(title, colour: Bold));
    }

    private string Arrow(EngineRecord engine) => DirectionArrow.Draw(
        engine.Direction,
        engine.Direction == CommunicationDirection.EngineToConsole ? source.Topology.Console.Port : engine.Port,
        look.Plain);

    /// <summary>The engine's present name; the name it had, for one that is gone.</summary>
    private string Subject(AuditEvent happened) =>
        source.Topology.Engines.FirstOrDefault(engine => engine.PairingId == happened.PairingId)?.Name ?? happened.Subject;

    private string Age(DateTimeOffset? time) =>
        time is { } then ? DirectionArrow.Age(source.Topology.Now - then) : "never";

    private static string Bar(ScanRecord scan)
    {
        int full = (int)(Percent(scan) * (BarCells - 2) / 100);
        return $"[{new string('#', full)}{new string('-', BarCells - 2 - full)}]";
    }

    private static long Percent(ScanRecord scan) =>
        scan.TargetsTotal <= 0 ? 0 : Math.Clamp(scan.TargetsDone * 100 / scan.TargetsTotal, 0, 100);

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private string? Colour(CommunicationStatus status) => status switch
    {
        CommunicationStatus.Active => look.Colours?.Good,
        CommunicationStatus.NotResponding or CommunicationStatus.Incompatible => look.Colours?.Bad,
        CommunicationStatus.PendingAuthorization => look.Colours?.Warning,
        _ => Dim,
    };

    private string? Bold => look.Colours?.Bold;

    private string? Dim => look.Colours?.Dim;

    private StatusLine Line() => new(look.Width, look);

    private void Add(StatusLine line) => _lines.Add(line.ToString());
}
