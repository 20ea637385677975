using System.Net;
using System.Reflection;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Security;

/// <summary>Noise is bounded and counted, and hides nothing of another kind.</summary>
public sealed class PeerNotesTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public void A_paired_peer_that_does_one_thing_without_end_writes_so_many_lines_and_the_rest_is_counted()
    {
        var lines = new List<LogEntry>();
        var log = new BoundedLog(lines.Add, _time);
        string noisy = $"{Guid.NewGuid()}";
        for (int i = 0; i < 501; i++)
        {
            log.Write(Entry("Opened", noisy));
        }

        Assert.Equal(BoundedLog.LinesPerKind, lines.Count);
        Assert.Equal("said", lines[0].Message);
        Assert.Contains("no more lines like this about this pairing", lines[^1].Message, StringComparison.Ordinal);
        log.Write(Entry("Closed", noisy));
        log.Write(Entry("Opened", $"{Guid.NewGuid()}"));
        log.Write(Entry("Opened", null));
        Assert.Equal(BoundedLog.LinesPerKind + 3, lines.Count);

        _time.Advance(BoundedLog.Window);
        log.Write(Entry("Opened", noisy));
        Assert.Contains($"{501 - BoundedLog.LinesPerKind} more", lines[^1].Message, StringComparison.Ordinal);
        log.Write(Entry("Opened", noisy));
        Assert.Equal("said", lines[^1].Message);
    }

    [Fact]
    public void Many_pairings_together_leave_room_for_what_is_the_nodes_own()
    {
        int lines = 0;
        var log = new BoundedLog(_ => lines++, _time);
        for (int pairing = 0; pairing < 1000; pairing++)
        {
            string subject = $"{Guid.NewGuid()}";
            for (int i = 0; i < BoundedLog.LinesPerKind; i++)
            {
                log.Write(Entry("Opened", subject));
            }
        }

        Assert.Equal(BoundedLog.LinesInAll, lines);
        log.Write(Entry("EngineStopped", null));
        Assert.Equal(BoundedLog.LinesInAll + 1, lines);
    }

    /// <summary>
    /// A part of a node that held the host's own log could be made to write past the bound by whoever reaches it.
    /// </summary>
    [Fact]
    public void No_part_of_a_node_holds_a_log_without_a_bound()
    {
        const BindingFlags all = BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public
            | BindingFlags.DeclaredOnly;
        string[] holders = typeof(BoundedLog).Assembly.GetTypes()
            .Where(type => type.GetFields(all).Any(field => field.FieldType == typeof(NodeLog)))
            .Select(type => type.Name)
            .Where(name => !name.Contains("StartAsync", StringComparison.Ordinal))
            .ToArray();

        Assert.Equal(["BoundedLog"], holders);
    }

    [Fact]
    public void The_first_line_of_a_kind_is_heard_through_any_noise_of_another()
    {
        var notes = new StrangerNotes(_time);
        var one = IPAddress.Parse("192.0.2.1");
        for (int i = 0; i < 100; i++)
        {
            notes.MayLog(one, "probe", out _);
        }

        Assert.True(notes.MayLog(one, "another key", out long leftOut));
        Assert.Equal(100 - StrangerNotes.LinesPerAddress, leftOut);
        Assert.False(notes.MayLog(one, "another key", out _));

        for (int i = 0; i < 1000; i++)
        {
            notes.MayLog(new IPAddress([198, 51, (byte)(i / 250), (byte)i]), "probe", out _);
        }

        Assert.False(notes.MayLog(IPAddress.Parse("192.0.2.2"), "probe", out _));
        Assert.True(notes.MayLog(IPAddress.Parse("192.0.2.3"), "accepting", out _));
    }

    private LogEntry Entry(string name, string? pairing) => new(
        _time.GetUtcNow(), LogLevel.Information, name, "said",
        pairing is null ? new Dictionary<string, string>() : new Dictionary<string, string> { ["pairing"] = pairing });
}
