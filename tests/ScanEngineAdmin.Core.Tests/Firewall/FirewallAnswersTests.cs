using System.Collections.Concurrent;
using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Diagnosis;
using ScanEngineAdmin.Core.Directions;
using ScanEngineAdmin.Core.Tests.Admin;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Firewall.Providers;
using ScanEngineAdmin.Firewall.Rehearsal;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Tools;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Firewall;

/// <summary>A run over many engines asks this host's firewall tools once, not once for each engine.</summary>
public sealed class FirewallAnswersTests : IAsyncDisposable
{
    private const int Engines = 12;
    private const string Ruleset = """
        table inet filter {
            chain input {
                type filter hook input priority filter; policy drop;
            }
            chain output {
                type filter hook output priority filter; policy drop;
            }
        }
        """;

    private readonly ConcurrentDictionary<string, int> _calls = new(StringComparer.Ordinal);
    private readonly FirewallAnswers _answers;
    private readonly AdminHost _host;

    public FirewallAnswersTests()
    {
        _answers = Answers();
        _host = new AdminHost(_answers);
    }

    public async ValueTask DisposeAsync()
    {
        _host.Dispose();
        await _answers.DisposeAsync();
    }

    [Theory, NeedsNamespace("nsenter", "timeout")]
    [InlineData(CommunicationDirection.ConsoleToEngine)]
    [InlineData(CommunicationDirection.EngineToConsole)]
    public async Task Plans_for_many_engines_ask_each_tool_once(CommunicationDirection from)
    {
        Guid[] engines = [.. Enumerable.Range(1, Engines).Select(
            i => _host.AddPaired($"lab-{i}", from, "192.0.2.9", "192.0.2.9").PairingId)];
        var request = new DirectionChangeRequest
        {
            Direction = from == CommunicationDirection.ConsoleToEngine
                ? CommunicationDirection.EngineToConsole
                : CommunicationDirection.ConsoleToEngine,
            ConsoleAddress = "192.0.2.1",
        };

        DirectionPreview[] previews = await Task.WhenAll(engines.Select(
            id => _host.Console.Direction.PreviewAsync(id, request, CancellationToken.None))).WaitAsync(AdminHost.Bound);

        AssertOnce();
        Assert.All(previews, preview => Assert.Single(
            preview.Plan.Rules,
            rule => rule is { HostRole: NodeRole.Console, Flow: RuleFlow.Out, Change: not RuleChange.Keep }));
    }

    [Fact, NeedsNamespace("nsenter", "timeout")]
    public async Task Tests_of_many_engines_ask_each_tool_once()
    {
        EngineRecord[] engines = [.. Enumerable.Range(1, Engines).Select(
            i => _host.AddPaired($"lab-{i}", CommunicationDirection.EngineToConsole, observed: $"192.0.2.{20 + i}"))];

        FirewallTestResult[] results = await Task.WhenAll(engines.Select(engine => _host.Console.TestFirewallAsync(
            new FirewallTestRequest
            {
                EngineName = engine.Name,
                Direction = CommunicationDirection.EngineToConsole,
                Host = "localhost",
                Port = 40815,
                LocalRole = NodeRole.Console,
                PeerAddress = engine.ObservedAddress,
            },
            CancellationToken.None))).WaitAsync(AdminHost.Bound);

        Assert.Equal(1, ((SharedRehearsals)_answers.Rehearsals).Made);
        Assert.All(_calls, static call => Assert.True(
            call.Value == 1 || call.Key.StartsWith("ip -j", StringComparison.Ordinal), $"{call.Key}: {call.Value}"));
        Assert.All(results, result =>
        {
            FirewallTestStage rule = result.Stages.Single(stage => stage.Stage == FirewallStage.LocalRule);
            Assert.Equal(FirewallTestOutcome.Failed, rule.Result);
            Assert.Contains(
                engines.Single(e => e.Name == result.EngineName).ObservedAddress!, rule.Evidence,
                StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task Who_gives_up_waiting_does_not_take_the_answer_from_the_others()
    {
        var tool = new TaskCompletionSource<ToolResult>();
        var answers = new FirewallAnswers((_, _, _) => tool.Task, windows: false);
        using var impatient = new CancellationTokenSource();
        Task<ToolResult> first = answers.RunAsync("nft", ["list"], impatient.Token);
        Task<ToolResult> second = answers.RunAsync("nft", ["list"], CancellationToken.None);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first.WaitAsync(AdminHost.Bound));

        tool.SetResult(new ToolResult(true, 0, "here"));

        Assert.Equal("here", (await second.WaitAsync(AdminHost.Bound)).Output);
    }

    [Fact, NeedsNamespace("nsenter", "timeout")]
    public async Task Its_end_waits_for_the_question_under_way_and_keeps_nobody_waiting()
    {
        var tool = new TaskCompletionSource<ToolResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        var answers = new FirewallAnswers((_, _, _) => tool.Task, windows: false, shared: true);
        Task<int> AskAsync() => answers.Rehearsals.AskAsync(
            [IPAddress.Parse("192.0.2.9")], null, true, static _ => Task.FromResult(0), CancellationToken.None);
        Task<int> question = AskAsync();

        Task end = answers.DisposeAsync().AsTask();
        Task<int> late = AskAsync();

        Assert.False(end.IsCompleted);
        tool.SetResult(ToolResult.Missing);
        await Assert.ThrowsAsync<RehearsalException>(() => question.WaitAsync(AdminHost.Bound));
        await end.WaitAsync(AdminHost.Bound);
        await Assert.ThrowsAsync<RehearsalException>(() => late.WaitAsync(AdminHost.Bound));
    }

    private FirewallAnswers Answers() => new(
        (tool, arguments, _) =>
        {
            _calls.AddOrUpdate($"{tool} {string.Join(' ', arguments)}", 1, static (_, count) => count + 1);
            return Task.FromResult(tool switch
            {
                "nft" => new ToolResult(true, 0, Ruleset.Replace("    ", "\t", StringComparison.Ordinal)),
                "ip" => Network(arguments),
                _ => ToolResult.Missing,
            });
        },
        windows: false, shared: true);

    // A host with one interface and no IPv6.
    private static ToolResult Network(IReadOnlyList<string> arguments) => arguments switch
    {
        [_, "addr", ..] => new ToolResult(
            true, 0, """
            [{"ifname":"eth0","link_type":"ether","address":"02:00:00:00:00:05","ifindex":2,
              "addr_info":[{"local":"192.0.2.1","prefixlen":24}]}]
            """),
        [_, "route", "get", var peer, ..] when !peer.Contains(':', StringComparison.Ordinal) =>
            new ToolResult(true, 0, """[{"dst":"192.0.2.9","dev":"eth0","prefsrc":"192.0.2.1"}]"""),
        [_, "route", ..] => new ToolResult(true, 2, "RTNETLINK answers: Network is unreachable"),
        _ => new ToolResult(true, 0, "[]"),
    };

    private void AssertOnce()
    {
        Assert.Contains("nft list ruleset", _calls.Keys);
        Assert.All(_calls, static call => Assert.True(call.Value == 1, $"{call.Key}: {call.Value} times"));
    }
}
