using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Core.Diagnosis;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.Tests.EndToEnd;
using ScanEngineAdmin.Core.Tests.Firewall;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Firewall.Providers;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Reachability;

/// <summary>The other end is asked through the store, by nodes that really run.</summary>
[Trait("Speed", "Slow")]
public sealed class ReachabilityTests
{
    [Fact]
    public async Task The_console_asks_over_the_open_channel_why_the_other_direction_does_not_answer()
    {
        await using NodePair pair = await PairAsync();
        using var unused = new UnusedPort(pair.EngineAt.Address);
        int closed = unused.Number;

        FirewallTestResult result = await pair.Console.TestFirewallAsync(
            Request(pair, NodeRole.Console, CommunicationDirection.ConsoleToEngine, closed), default)
            .WaitAsync(NodePair.Patience);

        Assert.Equal(FirewallVerdict.NotListening, result.Verdict);
        Assert.Contains($"Nothing listens on TCP {closed}", result.VerdictDetail, StringComparison.Ordinal);
        Assert.Equal(FirewallTestOutcome.Failed, At(result, FirewallStage.OtherEnd).Result);
        TestAdvice.IsGiven(result);
        Assert.Empty(pair.Console.Store.ListSettings("reachability."));
    }

    [Fact]
    public async Task The_dialled_console_has_the_engine_dial_and_shows_what_it_saw()
    {
        await using NodePair pair = await PairAsync();

        FirewallTestResult result = await pair.Console.TestFirewallAsync(
            Request(pair, NodeRole.Console, CommunicationDirection.EngineToConsole, pair.ConsoleAt.Port), default)
            .WaitAsync(NodePair.Patience);

        Assert.Equal(FirewallVerdict.Ok, result.Verdict);
        Assert.True(result.Succeeded);
        string told = At(result, FirewallStage.OtherEnd).Evidence;
        Assert.Contains($"dialled {pair.ConsoleAt}", told, StringComparison.Ordinal);
        Assert.Contains("arrived there", told, StringComparison.Ordinal);
        Assert.Empty(pair.Console.Store.ListSettings("reachability."));
    }

    [Fact]
    public async Task A_test_that_gets_through_says_how_the_other_end_sees_this_host_and_that_large_packets_pass()
    {
        await using NodePair pair = await PairAsync();

        FirewallTestResult result = await pair.Engine.TestFirewallAsync(
            Request(pair, NodeRole.Engine, CommunicationDirection.EngineToConsole, pair.ConsoleAt.Port), default)
            .WaitAsync(NodePair.Patience);

        Assert.Equal(FirewallVerdict.Ok, result.Verdict);
        Assert.Equal(FirewallTestOutcome.Passed, At(result, FirewallStage.PathMtu).Result);
        Assert.Contains(
            "127.0.0.1, untranslated", At(result, FirewallStage.OtherEnd).Evidence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plan_is_made_for_the_filter_that_the_engine_says_its_host_has()
    {
        await using NodePair pair = await PairAsync();
        using var bound = new CancellationTokenSource(NodePair.Patience);
        (FirewallOwner owner, bool? denies) = await new FirewallAnswers().OwnerAsync(bound.Token);
        var client = new ReachabilityClient(
            pair.Console.Store,
            new NodeClient(
                NodeRole.Console, pair.Console.Folder, pair.Console.Folder.Console, pair.Console.Store,
                TimeProvider.System),
            pair.Console.Folder.Console);

        HostFirewallFacts? told = await client.AskFirewallAsync(
            pair.AtConsole, bound.Token);

        // Both nodes are on this host: what the engine says is what is here.
        Assert.NotNull(told);
        Assert.Equal((owner.Provider?.ToString(), denies), (told.Provider, told.DeniesOutbound));
        Assert.Empty(pair.Console.Store.ListSettings("reachability."));
    }

    [Fact]
    public async Task A_node_dials_its_peer_and_nobody_else_however_it_is_asked()
    {
        using var handler = new ReachabilityHandler(
            NodeRole.Engine, static () => null, new FirewallTester(), TimeProvider.System);
        var request = new FirewallTestRequest
        {
            Host = string.Empty,
            Port = 40815,
            Direction = CommunicationDirection.EngineToConsole,
            LocalRole = NodeRole.Engine,
        };
        var ask = new ProbeYouAsk
        {
            Direction = CommunicationDirection.EngineToConsole,
            Address = "198.51.100.9",
            TimeoutMs = 100,
        };

        PeerRequestException refused = await Assert.ThrowsAsync<PeerRequestException>(
            () => handler.ProbeAsync(Guid.NewGuid(), ask, request, ["192.0.2.1", "console.example.net"], default));
        PeerRequestException nowhere = await Assert.ThrowsAsync<PeerRequestException>(
            () => handler.ProbeAsync(Guid.NewGuid(), ask with { Address = null }, request, [], default));
        PeerRequestException wrongWay = await Assert.ThrowsAsync<PeerRequestException>(() => handler.ProbeAsync(
            Guid.NewGuid(),
            ask with { Address = null, Direction = CommunicationDirection.ConsoleToEngine }, request, ["192.0.2.1"],
            default));

        Assert.Equal((int)RequestCode.ProbeRefused, refused.Code);
        Assert.Equal((int)RequestCode.ProbeRefused, nowhere.Code);
        Assert.Equal((int)RequestCode.Malformed, wrongWay.Code);
    }

    [Fact]
    public async Task A_pairing_has_few_ports_beside_its_own_dialled_within_an_hour()
    {
        var time = new ManualTime();
        using var handler = new ReachabilityHandler(NodeRole.Engine, static () => null, new FirewallTester(), time);
        var request = new FirewallTestRequest
        {
            Host = string.Empty,
            Port = 40900,
            Direction = CommunicationDirection.EngineToConsole,
            LocalRole = NodeRole.Engine,
        };
        (Guid one, Guid other) = (Guid.NewGuid(), Guid.NewGuid());
        using var ended = new CancellationTokenSource();
        await ended.CancelAsync();

        for (int port = 1; port <= 20; port++)
        {
            Assert.True(await IsDialledAsync(one, port));
        }

        Assert.False(await IsDialledAsync(one, 21));
        Assert.True(await IsDialledAsync(one, null));
        Assert.True(await IsDialledAsync(one, request.Port));
        Assert.True(await IsDialledAsync(one, WellKnownPorts.Console));
        Assert.True(await IsDialledAsync(one, WellKnownPorts.Engine));
        Assert.True(await IsDialledAsync(other, 21));
        time.Pass(TimeSpan.FromHours(1));
        Assert.True(await IsDialledAsync(one, 21));

        // What is dialled at all is ended before it is.
        async Task<bool> IsDialledAsync(Guid pairing, int? port)
        {
            var ask = new ProbeYouAsk
            {
                Direction = CommunicationDirection.EngineToConsole,
                Port = port,
                TimeoutMs = 100,
            };
            Exception? end = await Record.ExceptionAsync(
                () => handler.ProbeAsync(pairing, ask, request, ["192.0.2.1"], ended.Token));
            return end is OperationCanceledException
                || (end is PeerRequestException { Code: (int)RequestCode.Busy } ? false : throw end!);
        }
    }

    [Fact]
    public void Questions_and_answers_that_nobody_waits_for_are_swept()
    {
        using var host = new Admin.AdminHost();
        var mailbox = new ReachabilityMailbox(host.Console.Store);
        DateTimeOffset now = DateTimeOffset.UtcNow;
        ReachabilityQuestion old = Question(now - ReachabilityMailbox.Lifetime - TimeSpan.FromMinutes(1));
        ReachabilityQuestion fresh = Question(now);
        mailbox.Ask(old);
        mailbox.Ask(fresh);
        host.Console.Store.SetSetting("reachability.ask.garbage", "{");

        Assert.Equal([fresh], mailbox.Open(now));
        mailbox.Answer(old, new ReachabilityAnswer { AnsweredUnixMs = 0 });
        Assert.Empty(mailbox.Answer(old));
        mailbox.Answer(fresh, new ReachabilityAnswer { AnsweredUnixMs = now.ToUnixTimeMilliseconds() });
        Assert.NotEmpty(mailbox.Answer(fresh));
        Assert.Empty(mailbox.Open(now));
        Assert.NotEmpty(mailbox.Answer(fresh));
        Assert.Empty(mailbox.Open(now + ReachabilityMailbox.Lifetime + TimeSpan.FromMinutes(1)));
        Assert.Empty(host.Console.Store.ListSettings("reachability."));
    }

    [Fact]
    public async Task Without_a_running_node_there_is_nobody_to_ask_and_the_verdict_stays_unknown()
    {
        using var host = new Admin.AdminHost();
        using var unused = new UnusedPort();
        EngineRecord engine = host.AddPaired(
            "lab-1", CommunicationDirection.ConsoleToEngine, address: "127.0.0.1");

        FirewallTestResult result = await host.Console.TestFirewallAsync(
            new FirewallTestRequest
            {
                EngineName = engine.Name,
                PairingId = engine.PairingId,
                Direction = CommunicationDirection.ConsoleToEngine,
                Host = "127.0.0.1",
                Port = unused.Number,
                LocalRole = NodeRole.Console,
                Pins = [.. engine.Pins],
                Timeout = TimeSpan.FromSeconds(60),
            },
            default).WaitAsync(NodePair.Patience);

        Assert.Equal(FirewallVerdict.Unknown, result.Verdict);
        Assert.Contains("No node runs", result.VerdictDetail, StringComparison.Ordinal);
        TestAdvice.IsGiven(result);
    }

    private static ReachabilityQuestion Question(DateTimeOffset asked) => new()
    {
        QuestionId = Guid.NewGuid(),
        PairingId = Guid.NewGuid(),
        Direction = CommunicationDirection.ConsoleToEngine,
        Port = 40814,
        WithinSeconds = 1,
        Probe = false,
        TimeoutMs = 1000,
        AskedUnixMs = asked.ToUnixTimeMilliseconds(),
    };

    private static FirewallTestStage At(FirewallTestResult result, FirewallStage stage) =>
        result.Stages.Single(s => s.Stage == stage);

    private static Task<NodePair> PairAsync() => NodePair.ActiveAsync(
        CommunicationDirection.EngineToConsole,
        engine: engine => engine with { ListenUnpaired = false },
        direct: true);

    private static FirewallTestRequest Request(
        NodePair pair, NodeRole role, CommunicationDirection direction, int port)
    {
        (Guid id, NodeIdentity identity) = IdentityFile.LoadOrCreate(
            role == NodeRole.Console ? pair.Console.Folder.Console : pair.Engine.Folder.Engine, TimeProvider.System);
        return new FirewallTestRequest
        {
            EngineName = "lab-1",
            PairingId = pair.PairingId,
            Direction = direction,
            Host = $"{(direction == CommunicationDirection.ConsoleToEngine ? pair.EngineAt : pair.ConsoleAt).Address}",
            Port = port,
            LocalRole = role,
            Identity = identity,
            NodeId = id,
            Pins = [.. role == NodeRole.Console ? pair.AtConsole.Pins : pair.AtEngine.Pins],
            Timeout = TimeSpan.FromSeconds(60),
        };
    }
}
