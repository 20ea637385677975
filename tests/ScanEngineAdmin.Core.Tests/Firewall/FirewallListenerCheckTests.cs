using System.Net;
using System.Net.Sockets;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Diagnosis;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Firewall;

/// <summary>
/// The test run on the host that is dialled: it looks at itself and does not pretend to have connected.
/// </summary>
public sealed class FirewallListenerCheckTests
{
    [Fact]
    public async Task A_bound_port_passes_and_sends_the_operator_to_the_other_host()
    {
        using TcpListener listener = Bind(IPAddress.Any);

        FirewallTestResult result = await TestAsync(Request(Port(listener)));

        FirewallTestStage local = At(result, FirewallStage.LocalListener);
        Assert.Equal(FirewallTestOutcome.Passed, local.Result);
        FirewallTestStage connect = At(result, FirewallStage.Connect);
        Assert.Equal(FirewallTestOutcome.Skipped, connect.Result);
        Assert.Contains("Run on the engine host: Test-EngineFirewall -Name 'lab-2'", connect.Recommendation,
            StringComparison.Ordinal);
        Assert.False(result.Succeeded);
        Assert.Equal(FirewallVerdict.Unknown, result.Verdict);
        Assert.StartsWith("This host looks ready", result.VerdictDetail, StringComparison.Ordinal);
    }

    [Fact, NeedsLinux]
    public async Task A_bound_port_that_passes_names_its_process()
    {
        using TcpListener listener = Bind(IPAddress.Any);

        FirewallTestStage local = At(await TestAsync(Request(Port(listener))), FirewallStage.LocalListener);

        Assert.Equal(FirewallTestOutcome.Passed, local.Result);
        Assert.Contains($"process {Environment.ProcessId} ", local.Evidence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_that_nobody_holds_fails_with_the_command_that_starts_the_console()
    {
        using var unused = new UnusedPort(IPAddress.Any);

        FirewallTestResult result = await TestAsync(Request(unused.Number));

        FirewallTestStage local = At(result, FirewallStage.LocalListener);
        Assert.Equal(FirewallTestOutcome.Failed, local.Result);
        Assert.Equal($"Start-SecurityConsole -Port {unused.Number}", local.Recommendation);
        Assert.False(result.Succeeded);
    }

    [Fact, NeedsLinux]
    public async Task A_port_held_by_another_process_fails_and_names_that_process()
    {
        using TcpListener listener = Bind(IPAddress.Any);

        FirewallTestResult result = await TestAsync(Request(Port(listener)) with { ListenerProcessId = int.MaxValue });

        FirewallTestStage local = At(result, FirewallStage.LocalListener);
        Assert.Equal(FirewallTestOutcome.Failed, local.Result);
        Assert.Contains($"process {Environment.ProcessId} ", local.Evidence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_listener_on_loopback_only_fails_unless_loopback_is_meant()
    {
        using TcpListener listener = Bind(IPAddress.Loopback);

        FirewallTestResult fromOutside = await TestAsync(Request(Port(listener)));
        FirewallTestResult onLoopback = await TestAsync(Request(Port(listener)) with { Host = "127.0.0.1" });

        Assert.Equal(FirewallTestOutcome.Failed, At(fromOutside, FirewallStage.LocalListener).Result);
        Assert.Equal(FirewallTestOutcome.Passed, At(onLoopback, FirewallStage.LocalListener).Result);
    }

    [Fact]
    public async Task A_fresh_round_trip_of_the_other_side_is_proof_and_an_overdue_one_is_not()
    {
        using TcpListener listener = Bind(IPAddress.Any);
        DateTimeOffset now = DateTimeOffset.UtcNow;
        FirewallTestRequest request = Request(Port(listener)) with { LastContact = now.AddSeconds(-5) };

        FirewallTestResult fresh = await TestAsync(request with { NextExpected = now.AddHours(1) });
        FirewallTestResult overdue = await TestAsync(request with { NextExpected = now.AddSeconds(-1) });

        Assert.True(fresh.Succeeded);
        Assert.Equal(FirewallTestOutcome.Passed, At(fresh, FirewallStage.RoundTrip).Result);
        Assert.False(overdue.Succeeded);
        Assert.Contains("overdue", At(overdue, FirewallStage.RoundTrip).Evidence, StringComparison.Ordinal);
    }

    private static FirewallTestRequest Request(int port) => new()
    {
        EngineName = "lab-2",
        Direction = CommunicationDirection.EngineToConsole,
        Host = "console.example.net",
        Port = port,
        LocalRole = NodeRole.Console,
    };

    private static async Task<FirewallTestResult> TestAsync(FirewallTestRequest request) => TestAdvice.IsGiven(
        await new FirewallTester(NoTools.RunAsync, windows: false, TimeProvider.System)
            .TestAsync(request, CancellationToken.None).WaitAsync(TimeSpan.FromMinutes(3)));

    private static FirewallTestStage At(FirewallTestResult result, FirewallStage stage) =>
        result.Stages.Single(s => s.Stage == stage);

    private static TcpListener Bind(IPAddress address)
    {
        var listener = new TcpListener(address, 0);
        listener.Start();
        return listener;
    }

    private static int Port(TcpListener listener) => ((IPEndPoint)listener.LocalEndpoint).Port;
}
