using System.Net;
using System.Net.Sockets;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Diagnosis;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Firewall;

/// <summary>What a filter does to a test, with a real one on the target's side.</summary>
[Trait("Speed", "Slow")]
public sealed class FirewallTesterFilterTests
{
    [Fact, NeedsNamespace]
    public async Task A_silent_drop_fails_at_Connect_and_no_side_is_blamed()
    {
        FirewallTestResult result = await AgainstAsync("drop", TimeSpan.FromSeconds(1));

        FirewallTestStage failed = Failed(result);
        Assert.Equal(FirewallStage.Connect, failed.Stage);
        Assert.Contains("no answer within", failed.Evidence, StringComparison.Ordinal);
        Assert.Equal(FirewallVerdict.Unknown, result.Verdict);
        Assert.Contains("Test-EngineFirewall", failed.Recommendation, StringComparison.Ordinal);
    }

    [Theory, NeedsNamespace]
    [InlineData("reject with icmpx type admin-prohibited")]
    [InlineData("reject with icmp type host-prohibited")]
    public async Task A_reject_by_rule_fails_at_Connect_as_a_firewall_and_not_as_a_missing_route(string verdict)
    {
        FirewallTestResult result = await AgainstAsync(verdict, TimeSpan.FromSeconds(60));

        FirewallTestStage failed = Failed(result);
        Assert.Equal(FirewallStage.Connect, failed.Stage);
        Assert.Contains("a firewall", failed.Evidence, StringComparison.Ordinal);
        Assert.Contains("rejects by rule", failed.Recommendation, StringComparison.Ordinal);
    }

    [Fact, NeedsNamespace]
    public async Task A_reject_with_reset_looks_like_nothing_listening_and_the_advice_names_both()
    {
        FirewallTestResult result = await AgainstAsync("reject with tcp reset", TimeSpan.FromSeconds(60));

        FirewallTestStage failed = Failed(result);
        Assert.Equal(FirewallStage.Connect, failed.Stage);
        Assert.Contains("refused", failed.Evidence, StringComparison.Ordinal);
        Assert.Contains("rejects with RST", failed.Recommendation, StringComparison.Ordinal);
    }

    [Fact, NeedsNamespace]
    public async Task An_absent_host_is_not_taken_for_a_firewall()
    {
        using NetworkNamespace host = NetworkNamespace.Create();
        host.Run("ip", "addr", "flush", "dev", "eth0");

        FirewallTestResult result = await TestAsync(host.Inside, 40814, TimeSpan.FromSeconds(60));

        FirewallTestStage failed = Failed(result);
        Assert.Equal(FirewallStage.Connect, failed.Stage);
        Assert.Contains("no host answers", failed.Evidence, StringComparison.Ordinal);
    }

    /// <summary>A test of a host with a listener behind a rule of this verdict.</summary>
    private static async Task<FirewallTestResult> AgainstAsync(string verdict, TimeSpan timeout)
    {
        using NetworkNamespace host = NetworkNamespace.Create();
        using TcpListener listener = host.Make(() =>
        {
            var made = new TcpListener(IPAddress.Any, 0);
            made.Start();
            return made;
        });
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        host.Shell("nft 'add table inet filter; add chain inet filter input { type filter hook input priority 0; }; "
            + $"add rule inet filter input tcp dport {port} {verdict}'");
        return await TestAsync(host.Inside, port, timeout);
    }

    private static async Task<FirewallTestResult> TestAsync(IPAddress host, int port, TimeSpan timeout)
    {
        using NodeIdentity expected = NodeIdentity.Create(Guid.NewGuid(), TimeProvider.System);
        return await new FirewallTester(NoTools.RunAsync, windows: false, TimeProvider.System).TestAsync(
            new FirewallTestRequest
            {
                EngineName = "lab-2",
                Direction = CommunicationDirection.ConsoleToEngine,
                Host = host.ToString(),
                Port = port,
                LocalRole = NodeRole.Console,
                Pins = [expected.Fingerprint],
                Timeout = timeout,
            },
            CancellationToken.None).WaitAsync(TimeSpan.FromMinutes(3));
    }

    private static FirewallTestStage Failed(FirewallTestResult result) =>
        result.Stages.Single(s => s.Result == FirewallTestOutcome.Failed);
}
