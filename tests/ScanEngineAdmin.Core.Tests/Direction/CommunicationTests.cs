using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Diagnosis;
using ScanEngineAdmin.Core.Directions;
using ScanEngineAdmin.Core.Tests.EndToEnd;
using ScanEngineAdmin.Core.Tests.Firewall;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Core.Tests.Direction;

[Trait("Speed", "Slow")]
public sealed class CommunicationTests
{
    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task Both_views_are_shown_before_and_after_a_change(CommunicationDirection from)
    {
        await using NodePair pair = await PairAsync(from);
        CommunicationReport before = await pair.UntilReportAsync(now => now.Engine.ReportedDirection is not null);
        Assert.Equal((from, 0L), (before.Engine.ReportedDirection, before.Engine.ReportedEpoch));
        Assert.Equal(CommunicationState.Settled, before.State);
        Assert.Null(before.LastChange);

        await pair.ChangeAsync(pair.Request(Ways.Other(from)));
        await pair.AgreedAsync(Ways.Other(from));

        ChangeRecord change = pair.Report().LastChange!;
        Assert.Equal((from, ChangeState.Committed), (change.From, change.State));
        Assert.Contains('@', change.RequestedBy);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task Going_back_brings_the_direction_and_the_addresses_of_before(CommunicationDirection from)
    {
        await using NodePair pair = await PairAsync(from);
        Assert.Equal(
            FaultCode.ChangeNotFound,
            Assert.Throws<ScanEngineException>(
                () => pair.Console.Direction.Before(pair.PairingId, NodePair.Patience)).Code);
        (string?, int) engineAt = (pair.AtConsole.Address, pair.AtConsole.Port);
        (string?, int) consoleAt = (pair.AtEngine.Address, pair.AtEngine.Port);
        await pair.ChangeAsync(pair.Request(Ways.Other(from)));
        await pair.AgreedAsync(Ways.Other(from));

        await pair.ChangeAsync(pair.Console.Direction.Before(pair.PairingId, TimeSpan.FromSeconds(20)));

        await pair.AgreedAsync(from);
        Assert.Equal(2, pair.AtConsole.Epoch);
        if (from == CommunicationDirection.ConsoleToEngine)
        {
            Assert.Equal(engineAt, (pair.AtConsole.Address, pair.AtConsole.Port));
        }
        else
        {
            Assert.Equal(consoleAt, (pair.AtEngine.Address, pair.AtEngine.Port));
        }
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_failed_change_names_stage_endpoint_observation_and_side(CommunicationDirection from)
    {
        var late = new LateProof();
        await using NodePair pair = await NodePair.ActiveAsync(from, late.Of, direct: true);
        CommunicationDirection to = Ways.Other(from);
        using var unused = new UnusedPort(pair.ConsoleAt.Address);
        int dead = unused.Number;
        DirectionChangeRequest request = pair.Request(to);
        request = to == CommunicationDirection.EngineToConsole
            ? request with { ConsolePort = dead }
            : request with { Address = "127.0.0.9", Port = dead };

        ScanEngineException failed = await late.FailedAsync(pair, request);

        Assert.Equal(FaultCode.ChangeFailed, failed.Code);
        string address = to == CommunicationDirection.EngineToConsole ? $"{pair.ConsoleAt.Address}" : "127.0.0.9";
        string end = $"{address}:{dead}";
        string[] words = ["Prove", $"Endpoint: {end}", "Observed:", "Look at:", "the engine's host", NodePair.Name];
        foreach (string word in words)
        {
            Assert.Contains(word, failed.Message, StringComparison.Ordinal);
        }

        Assert.Equal(from, pair.AtConsole.Direction);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_change_of_an_engine_that_is_down_fails_in_preflight_and_says_so(CommunicationDirection from)
    {
        await using NodePair pair = await PairAsync(from);
        await pair.StopEngineAsync();
        await pair.LoggedAsync("ChannelClosed");

        ScanEngineException failed = await Assert.ThrowsAsync<ScanEngineException>(() => pair.ChangeAsync(
            pair.Request(Ways.Other(from)) with { Timeout = TimeSpan.FromSeconds(1) }));

        int port = from == CommunicationDirection.ConsoleToEngine ? pair.EngineAt.Port : pair.ConsoleAt.Port;
        foreach (string word in new[] { "Preflight", $":{port}", "Observed:", "Look at: the engine's host" })
        {
            Assert.Contains(word, failed.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_engine_that_polls_a_console_which_dials_is_let_in_and_taken_at_its_word()
    {
        await using NodePair pair = await PairAsync(CommunicationDirection.ConsoleToEngine);
        await DisagreeAsync(pair, CommunicationDirection.EngineToConsole, pair.ConsoleAt.Port);

        CommunicationReport report = await pair.UntilReportAsync(
            now => now.Engine.Direction == CommunicationDirection.EngineToConsole);
        Assert.Empty(report.DriftDetail);
        await pair.UntilEventAsync("DirectionAdopted");
        await pair.UntilEventAsync("EngineInWrongDirection");
    }

    [Fact]
    public async Task A_console_that_dials_an_engine_which_polls_is_named_on_both_ends()
    {
        await using NodePair pair = await PairAsync(CommunicationDirection.ConsoleToEngine);

        // Another console keeps the engine's listener open; where it polls this one nobody answers.
        pair.Engine.Store.AddConsole(new ConsoleRecord
        {
            PairingId = Guid.NewGuid(),
            ConsoleId = Guid.NewGuid(),
            State = ConsoleState.Paired,
            Direction = CommunicationDirection.ConsoleToEngine,
            FirstSeen = DateTimeOffset.UtcNow,
        });
        using var unused = new UnusedPort(pair.ConsoleAt.Address);
        await DisagreeAsync(pair, CommunicationDirection.EngineToConsole, unused.Number);
        pair.Console.Scans.Add(pair.PairingId, new ScanRequest { Targets = ["127.0.0.1"], Ports = "9" });

        EngineRecord engine = await pair.UntilConsoleAsync(
            now => now.StatusDetail.StartsWith("DirectionConflict", StringComparison.Ordinal));
        Assert.Contains("engine-to-console", engine.StatusDetail, StringComparison.Ordinal);
        Assert.Contains("it polls", engine.StatusDetail, StringComparison.Ordinal);
        CommunicationReport report = await pair.UntilReportAsync(now => now.DriftDetail.Length > 0);
        Assert.Equal(CommunicationDirection.EngineToConsole, report.Engine.ReportedDirection);
        await pair.UntilEventAsync("EngineInWrongDirection");
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_preview_tries_the_other_way_lists_the_scans_and_touches_nothing(CommunicationDirection from)
    {
        await using NodePair pair = await PairAsync(from);
        CommunicationDirection to = Ways.Other(from);
        await pair.StopEngineAsync();
        ScanRecord scan = pair.Console.Scans.Add(
            pair.PairingId, new ScanRequest { Targets = ["127.0.0.1"], Ports = "9" });
        int events = pair.Events().Length;
        EngineRecord engine = pair.AtConsole;

        DirectionPreview preview = await pair.Console.Direction
            .PreviewAsync(pair.PairingId, pair.Request(to), CancellationToken.None).WaitAsync(NodePair.Patience);

        Assert.Equal(scan.ScanId, Assert.Single(preview.Scans).ScanId);
        FirewallStage tried = to == CommunicationDirection.ConsoleToEngine
            ? FirewallStage.Connect
            : FirewallStage.LocalListener;
        FirewallTestOutcome expected = to == CommunicationDirection.ConsoleToEngine
            ? FirewallTestOutcome.Failed
            : FirewallTestOutcome.Passed;
        Assert.Equal(expected, preview.Reach!.Stages.Single(stage => stage.Stage == tried).Result);
        string text = DirectionPreviewText.Render(preview);
        string[] words =
            ["Console host", "Engine host", "dry run", $"{scan.ScanId}", $"{tried}", preview.Reach.EndPoint];
        foreach (string word in words)
        {
            Assert.Contains(word, text, StringComparison.Ordinal);
        }

        // One answer on both: where this host denies nothing, the rule that the plan has is said not to be needed.
        bool open = to == CommunicationDirection.EngineToConsole && preview.Reach.Stages.Any(
            stage => stage is { Stage: FirewallStage.LocalRule, Result: FirewallTestOutcome.Passed });
        Assert.Equal(open, text.Contains("No rule is needed, the way is open", StringComparison.Ordinal));
        TestAdvice.IsGiven(preview.Reach);
        Assert.Contains(
            to == CommunicationDirection.ConsoleToEngine ? "Refused is to be expected" : preview.Reach.VerdictDetail,
            text, StringComparison.Ordinal);
        Assert.True(preview.Plan.DryRun);
        Assert.Empty(pair.Console.Store.ListChanges());
        Assert.Equal(events, pair.Events().Length);
        Assert.Equal((engine.Direction, engine.Epoch), (pair.AtConsole.Direction, pair.AtConsole.Epoch));
    }

    [Fact]
    public void A_doubt_that_nobody_knows_of_here_and_an_epoch_of_later_are_drift()
    {
        using var host = new Admin.AdminHost();
        EngineRecord engine = host.AddPaired("lab", CommunicationDirection.EngineToConsole);
        CommunicationReport Reported(long? epoch, Guid? doubt)
        {
            host.Console.Store.UpdateEngine(engine.PairingId, now => now with
            {
                ReportedDirection = now.Direction,
                ReportedEpoch = epoch,
                ReportedChangeId = doubt,
            });
            return host.Console.Direction.Report(engine.PairingId);
        }

        Assert.Empty(Reported(6, null).DriftDetail);
        Assert.Empty(Reported(5, null).DriftDetail);
        Assert.Contains("epoch 7", Reported(7, null).DriftDetail, StringComparison.Ordinal);
        CommunicationReport doubt = Reported(6, Guid.NewGuid());
        Assert.Equal(CommunicationState.InDoubt, doubt.State);
        Assert.Contains("in doubt", doubt.DriftDetail, StringComparison.Ordinal);
    }

    private static Task<NodePair> PairAsync(CommunicationDirection way) => NodePair.ActiveAsync(way, direct: true);

    private static async Task DisagreeAsync(NodePair pair, CommunicationDirection atEngine, int port)
    {
        await pair.StopEngineAsync();
        pair.Engine.Store.UpdateConsole(pair.PairingId, console => console with
        {
            Direction = atEngine,
            Address = $"{pair.ConsoleAt.Address}",
            Port = port,
            LastError = null,
        });
        await pair.StartEngineAsync();
    }
}
