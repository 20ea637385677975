using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Status;
using ScanEngineAdmin.Tests.Topology;
using ScanEngineAdmin.Topology;

namespace ScanEngineAdmin.Tests.Status;

public sealed class StatusFrameTests
{
    private const string Hostile = "\x1b[2J\x1b]0;owned\a\r\n\u202Egnp\u009B31m";
    private static readonly StatusLook Text = new(80, null, Colours: null, Plain: false);

    private static readonly StatusColours Some =
        new("\x1b[32m", "\x1b[33m", "\x1b[31m", "\x1b[90m", "\x1b[1m", "\x1b[0m");

    [Fact]
    public void It_says_what_is_so_with_what_needs_attention_first()
    {
        string[] lines = [.. StatusFrame.Draw(Source(Fleet.Small()), Text)];

        Assert.StartsWith("Console console-1: running at 0.0.0.0:40815 ", lines[0], StringComparison.Ordinal);
        Assert.Equal("3 engines: 1 Not responding, 1 Pending authorization, 1 Active", lines[1]);
        int engines = Array.IndexOf(lines, "ENGINES");
        Assert.Matches(@"^dmz-2 +console ◀──40815── engine +Not responding +60 s ago +0$", lines[engines + 2]);
        Assert.Matches(@"^lab-1 +console ──40814──▶ engine +Pending autho… +never +0$", lines[engines + 3]);
        Assert.Matches(@"^dmz-1 +console ──40814──▶ engine +Active +30 s ago +2$", lines[engines + 4]);
        int scans = Array.IndexOf(lines, "SCANS: 1 running, 1 waiting");
        Assert.Matches(@"^00000007 dmz-1 +Running +\[#########-+\] +50 % +1234$", lines[scans + 2]);
        Assert.Matches(@"^00000008 dmz-2 +Dispatched +LinkLost +0 % +0$", lines[scans + 3]);
        int firewall = Array.IndexOf(lines, "FIREWALL OF THIS HOST");
        Assert.Matches("^missing +dmz-2 +rule-1 No rule lets it in.$", lines[firewall + 2]);
        int events = Array.IndexOf(lines, "EVENTS");
        Assert.Matches(@"^\d\d:\d\d:\d\d EngineLost +dmz-2 +NotResponding: Overdue.$", lines[events + 1]);
    }

    [Theory]
    [InlineData(60, null)]
    [InlineData(80, null)]
    [InlineData(120, 24)]
    public void No_line_is_wider_than_it_may_be_and_no_text_moves_the_cursor(int width, int? height)
    {
        foreach (string name in new[] { Hostile, new string('x', 500), new string('漢', 500) })
        {
            StatusSource source = Source(Fleet.Small(name), name);
            foreach (bool plain in new[] { false, true })
            {
                IReadOnlyList<string> lines = StatusFrame.Draw(source, new StatusLook(width, height, null, plain));
                Assert.All(lines, line => Assert.InRange(TopologyText.Cells(line), 0, width));
                Assert.All(lines, line => Assert.DoesNotContain(line, c => char.IsControl(c) || c == '\u202E'));
            }
        }
    }

    [Theory]
    [InlineData(40)]
    [InlineData(62)]
    [InlineData(200)]
    public void The_names_of_engines_are_there_on_a_terminal_of_any_width(int width) => Assert.Contains(
        StatusFrame.Draw(Source(Fleet.Small()), StatusLook.OfScreen(width, 24, Some)),
        line => line.StartsWith("dmz-2 ", StringComparison.Ordinal));

    [Fact]
    public void A_frame_on_a_terminal_has_the_lines_of_its_window() =>
        Assert.Equal(10, StatusLook.OfScreen(80, 10, Some).Height);

    [Fact]
    public void Without_a_terminals_signs_all_of_it_is_ascii() => Assert.All(
        StatusFrame.Draw(Source(Fleet.Small()), Text with { Plain = true }),
        line => Assert.DoesNotContain(line, c => c > 126));

    [Theory]
    [InlineData(18)]
    [InlineData(24)]
    [InlineData(50)]
    public void A_thousand_engines_fit_on_a_screen_and_the_rest_is_counted(int height)
    {
        StatusSource source = Source(Fleet.Large()) with
        {
            Scans = [.. Enumerable.Range(1, 100).Select(number => Scan(number, "edge-0001", ScanState.Queued))],
            Events = [.. Enumerable.Range(1, 10).Select(_ => Happened("EngineLost", "edge-0001", string.Empty))],
        };

        IReadOnlyList<string> lines = StatusFrame.Draw(source, Text with { Height = height });

        Assert.InRange(lines.Count, height - 4, height);
        Assert.Contains(lines, line => line.StartsWith("and 9", StringComparison.Ordinal));
        Assert.Equal(1000, StatusFrame.Draw(source, Text).Count(line => line.StartsWith("edge-", StringComparison.Ordinal)));
    }

    [Fact]
    public void Colours_are_added_to_a_line_and_change_nothing_else()
    {
        StatusSource source = Source(Fleet.Small());
        string[] colourful = [.. StatusFrame.Draw(source, Text with { Colours = Some })];

        Assert.Contains(colourful, line => line.Contains("\x1b[31mNot responding\x1b[0m", StringComparison.Ordinal));
        Assert.Equal(
            StatusFrame.Draw(source, Text),
            colourful.Select(line => System.Text.RegularExpressions.Regex.Replace(line, "\x1b\\[[0-9;]*m", string.Empty).TrimEnd()));
    }

    [Fact]
    public void A_console_without_anything_says_what_to_do()
    {
        var empty = new StatusSource
        {
            Topology = new TopologySource
            {
                Now = Fleet.Now,
                Console = new TopologyConsole("console-1", false, null, null, null),
                Engines = [],
            },
            Running = new Dictionary<Guid, int>(),
            Scans = [],
            Events = [],
        };

        string text = string.Join('\n', StatusFrame.Draw(empty, Text));

        Assert.Contains("Start-SecurityConsole", text, StringComparison.Ordinal);
        Assert.Contains("Register-ScanEngine", text, StringComparison.Ordinal);
        Assert.Contains("-IncludeFirewall", text, StringComparison.Ordinal);
    }

    private static StatusSource Source(TopologySource topology, string? name = null) => new()
    {
        Topology = topology,
        Running = new Dictionary<Guid, int> { [Fleet.Id(1)] = 2 },
        Scans =
        [
            Scan(7, name ?? "dmz-1", ScanState.Running) with
            {
                TargetsTotal = 10, TargetsDone = 5, FindingCount = 1234,
            },
            Scan(8, name ?? "dmz-2", ScanState.Dispatched) with { Cause = ScanCause.LinkLost },
        ],
        Events = [Happened(name ?? "EngineLost", name ?? "dmz-2", name ?? "NotResponding: Overdue.")],
    };

    private static ScanRecord Scan(int number, string engine, ScanState state) => new()
    {
        ScanId = Fleet.Id(number),
        PairingId = Fleet.Id(1),
        EngineName = engine,
        Request = new ScanRequest { Targets = ["192.0.2.1"], Ports = "22" },
        State = state,
        Queued = Fleet.Now,
    };

    private static AuditEvent Happened(string name, string subject, string detail) => new()
    {
        Time = Fleet.Now,
        Event = name,
        Subject = subject,
        Detail = detail,
    };
}
