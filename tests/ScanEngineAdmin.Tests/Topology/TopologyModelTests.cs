using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Topology;

namespace ScanEngineAdmin.Tests.Topology;

public sealed class TopologyModelTests
{
    private static readonly string[] Sorted = ["dmz-1", "dmz-2", "lab-1"];
    private static readonly string?[] Groups = ["dmz", "empty", null];
    private static readonly string[] SilentFirst = ["dmz-2", "dmz-1"];

    [Fact]
    public void Engines_are_in_order_of_their_names_and_those_that_need_attention_first_in_a_group()
    {
        TopologyModel model = TopologyBuilder.Build(Fleet.Small());

        Assert.Equal(Sorted, model.Engines.Select(engine => engine.Name));
        Assert.Equal(Groups, model.Groups.Select(group => group.Pool));
        Assert.Equal(SilentFirst, model.Groups[0].Engines.Select(engine => engine.Name));
        Assert.Equal(40815, model.Engines[1].Port);
        Assert.Equal(40814, model.Engines[0].Port);
    }

    [Fact]
    public void A_change_that_waits_is_the_engines_and_one_under_way_says_more()
    {
        TopologySource source = Fleet.Small();
        Assert.Equal(CommunicationState.PendingChange, TopologyBuilder.Build(source).Engines[0].Change!.State);

        source = source with
        {
            Changes =
            [
                new ChangeRecord
                {
                    ChangeId = Guid.Empty, PairingId = Fleet.Id(1), Epoch = 1, State = ChangeState.RolledBack,
                    From = CommunicationDirection.ConsoleToEngine, Direction = CommunicationDirection.EngineToConsole,
                    Requested = Fleet.Now, RequestedBy = "admin@host",
                },
            ],
        };
        TopologyChange change = TopologyBuilder.Build(source).Engines[0].Change!;
        Assert.Equal((CommunicationState.InDoubt, CommunicationDirection.ConsoleToEngine), (change.State, change.To));
    }

    [Fact]
    public void Drift_is_its_engines_and_drift_of_engines_that_are_not_shown_is_left_out()
    {
        TopologyModel model = TopologyBuilder.Build(Fleet.Small());
        Assert.Equal("missing", Assert.Single(model.Firewall!.Of(model.Engines[1])).Kind);
        Assert.Equal(2, model.Firewall.Drift.Count);

        TopologySource less = Fleet.Small();
        model = TopologyBuilder.Build(less with { Engines = [.. less.Engines.Where(engine => engine.Name != "dmz-2")] });
        Assert.Equal("leftOver", Assert.Single(model.Firewall!.Drift).Kind);
    }

    [Fact]
    public void A_thousand_engines_are_drawn_by_direction_and_status_and_every_one_is_counted()
    {
        TopologyModel model = TopologyBuilder.Build(Fleet.Large());

        Assert.False(model.IsDetailed);
        Assert.Equal(9, model.Groups.Count);
        Assert.Equal(1000, model.Groups.Sum(group => group.Engines.Count));
        Assert.All(model.Groups, group => Assert.InRange(TopologyRow.Of(model, group).Count, 1, 10));
        Assert.All(
            model.Groups.SelectMany(group => TopologyRow.Of(model, group)),
            row => Assert.InRange(TopologyText.Cells(row.Detail), 1, 84));
    }

    [Fact]
    public void An_engine_of_two_pools_is_in_both_and_counted_once()
    {
        TopologySource source = Fleet.Small();
        TopologyModel model = TopologyBuilder.Build(source with { Pools = [("a", [Fleet.Id(1)]), ("b", [Fleet.Id(1)])] });

        Assert.Equal(3, model.Engines.Count);
        Assert.Equal(["a", "b"], model.Engines[0].Pools);
        Assert.Same(model.Groups[0].Engines[0], model.Groups[1].Engines[0]);
    }

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("a\u202Eb\0c\nd", "a\uFFFDb\uFFFDc\uFFFDd")]
    public void What_cannot_be_seen_has_a_sign_in_its_place(string text, string clean) =>
        Assert.Equal(clean, TopologyText.Clean(text));

    [Fact]
    public void Half_a_pair_of_surrogates_has_a_sign_in_its_place() =>
        Assert.Equal("\uFFFDx", TopologyText.Clean(string.Concat((char)0xD800, 'x')));

    [Fact]
    public void A_text_is_cut_to_a_length_and_to_a_width()
    {
        Assert.Equal(TopologyText.MaxLength + 1, TopologyText.Clean(new string('x', 5000)).Length);
        Assert.Equal("abc…", TopologyText.Fit("abcdef", 4));
        Assert.Equal("日…", TopologyText.Fit("日本語", 4));
        Assert.Equal("日本", TopologyText.Fit("日本", 4));
    }
}
