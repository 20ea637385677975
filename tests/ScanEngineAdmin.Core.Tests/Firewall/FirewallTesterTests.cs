using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Diagnosis;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.Tests.EndToEnd;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Firewall;

/// <summary>
/// Every fault for real on loopback; what needs a filter is in <see cref="FirewallTesterFilterTests"/>.
/// </summary>
public sealed class FirewallTesterTests : IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(3);
    private readonly NodeIdentity _own = NodeIdentity.Create(Guid.NewGuid(), TimeProvider.System);
    private readonly NodeIdentity _peer = NodeIdentity.Create(Guid.NewGuid(), TimeProvider.System);
    private readonly ChannelRuntime _runtime = new(NodePair.Patient);

    public void Dispose()
    {
        _own.Dispose();
        _peer.Dispose();
        _runtime.Dispose();
    }

    [Fact]
    public async Task A_name_that_does_not_resolve_fails_at_Name_and_tries_nothing_more()
    {
        FirewallTestResult result = await TestAsync(Request(40814) with { Host = "no-such-host.invalid" });

        AssertFailed(result, FirewallStage.Name);
        Assert.Contains("no-such-host.invalid", result.VerdictDetail, StringComparison.Ordinal);
        Assert.All(result.Stages.Skip(1), s => Assert.Equal(FirewallTestOutcome.Skipped, s.Result));
    }

    [Fact]
    public async Task A_port_where_nothing_listens_fails_at_Connect_and_names_the_cmdlet_to_start_it()
    {
        using var unused = new UnusedPort();

        FirewallTestResult result = await TestAsync(Request(unused.Number));

        FirewallTestStage failed = AssertFailed(result, FirewallStage.Connect);
        Assert.Contains("refused", failed.Evidence, StringComparison.Ordinal);
        Assert.Contains("Start-EngineListener", failed.Recommendation, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SSH-2.0-OpenSSH_9.2p1\r\n", "SSH")]
    [InlineData("HTTP/1.1 400 Bad Request\r\n\r\n", "HTTP")]
    public async Task A_wrong_service_fails_at_FirstBytes_and_is_named(string banner, string name)
    {
        using var service = new FakeService(async (stream, token) =>
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(banner), token);

            // A close with something unread is a reset, before which Windows may forget what was received.
            await stream.CopyToAsync(Stream.Null, token);
        });

        FirewallTestResult result = await TestAsync(Request(service.Port));

        FirewallTestStage failed = AssertFailed(result, FirewallStage.FirstBytes);
        Assert.Contains(name, failed.Evidence, StringComparison.Ordinal);
        Assert.Contains("ss -ltnp", failed.Recommendation, StringComparison.Ordinal);
        Assert.Equal(1, service.Connections);
    }

    [Fact]
    public async Task A_silent_port_fails_at_FirstBytes_after_the_timeout()
    {
        var time = new ManualTime();
        using var service = new FakeService(async (stream, token) =>
        {
            // Who has begun to speak is connected, and waits.
            await stream.ReadExactlyAsync(new byte[1], token);
            while (!token.IsCancellationRequested)
            {
                // The time for the next stage may begin after the first byte was heard.
                time.Pass(TimeSpan.FromSeconds(1));
                await Task.Delay(50, token);
            }
        });

        FirewallTestResult result = await new FirewallTester(NoTools.RunAsync, windows: false, time).TestAsync(
            Request(service.Port) with { Timeout = TimeSpan.FromSeconds(1) }, CancellationToken.None).WaitAsync(Bound);

        FirewallTestStage failed = AssertFailed(result, FirewallStage.FirstBytes);
        Assert.Contains("nothing was said", failed.Evidence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_intercepting_proxy_fails_at_Tls_and_its_issuer_is_shown()
    {
        using X509Certificate2 forged = Forged("CN=Corp Inspection CA");
        using var service = new FakeService(async (stream, token) =>
        {
            using var tls = new SslStream(stream);
            await tls.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions
                {
                    ServerCertificate = forged,
                    ApplicationProtocols = [new SslApplicationProtocol(ChannelProtocol.ChannelAlpn)],
                },
                token);
        });

        FirewallTestResult result = await TestAsync(Request(service.Port));

        FirewallTestStage failed = AssertFailed(result, FirewallStage.Tls);
        Assert.Contains("Corp Inspection CA", failed.Evidence, StringComparison.Ordinal);
        Assert.Contains("TLS inspection", failed.Recommendation, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_node_fails_at_Identity_with_both_fingerprints()
    {
        using NodeIdentity other = NodeIdentity.Create(Guid.NewGuid(), TimeProvider.System);
        await using ChannelListener listener = Listen(other, static (_, _) => Task.CompletedTask);

        FirewallTestResult result = await TestAsync(Request(listener.EndPoint.Port));

        FirewallTestStage failed = AssertFailed(result, FirewallStage.Identity);
        Assert.Contains(other.Fingerprint.ToString(), failed.Evidence, StringComparison.Ordinal);
        Assert.Contains(_peer.Fingerprint.ToString(), failed.Evidence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(RefusalCode.NotPaired, "New-EnginePairingSecret")]
    [InlineData(RefusalCode.Pending, "Approve-EngineConsole")]
    [InlineData(RefusalCode.WrongDirection, "Set-ScanEngineCommunication -Direction ConsoleToEngine")]
    public async Task A_refusal_passes_Version_and_fails_the_RoundTrip_with_its_text(RefusalCode code, string advice)
    {
        PeerHello? hello = null;
        await using ChannelListener listener = Listen(_peer, (incoming, token) =>
        {
            hello = incoming.Hello;
            return incoming.RefuseAsync(new Refusal(code, "because of the test"), token);
        });

        FirewallTestResult result = await TestAsync(Request(listener.EndPoint.Port));

        FirewallTestStage failed = AssertFailed(result, FirewallStage.RoundTrip);
        Assert.Contains("because of the test", failed.Evidence, StringComparison.Ordinal);
        Assert.Contains(advice, failed.Recommendation, StringComparison.Ordinal);
        Assert.Equal("probe", hello!.Properties["purpose"]);
    }

    [Fact]
    public async Task No_version_in_common_fails_at_Version()
    {
        await using ChannelListener listener = Listen(_peer, static (incoming, token) => incoming.RefuseAsync(
            new Refusal(RefusalCode.Incompatible, "too old", MinVersion: 7, MaxVersion: 9), token));

        FirewallTestResult result = await TestAsync(Request(listener.EndPoint.Port));

        Assert.Contains("7 to 9", AssertFailed(result, FirewallStage.Version).Evidence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_expected_node_passes_every_stage_with_one_connection()
    {
        int met = 0;
        await using ChannelListener listener = Listen(_peer, async (incoming, token) =>
        {
            met++;
            PeerChannel channel = await incoming.WelcomeAsync(
                new PeerHello { Role = NodeRole.Engine, NodeId = Guid.NewGuid(), Name = "lab-2", Product = "1.2.3" },
                new NoWork(), token);
            await channel.Completion;
            await channel.DisposeAsync();
        });

        FirewallTestResult result = await TestAsync(Request(listener.EndPoint.Port));

        Assert.True(result.Succeeded, result.VerdictDetail);
        Assert.Equal(Enum.GetValues<FirewallStage>(), result.Stages.Select(s => s.Stage));
        Assert.All(
            result.Stages.Where(s => s.Stage is > FirewallStage.LocalListener and <= FirewallStage.RoundTrip),
            s => Assert.Equal(FirewallTestOutcome.Passed, s.Result));
        // A node of a version that does not know the question.
        Assert.Equal(FirewallTestOutcome.Unknown, At(result, FirewallStage.PathMtu).Result);
        Assert.Equal(FirewallVerdict.Ok, result.Verdict);
        Assert.Contains("lab-2", At(result, FirewallStage.Version).Evidence, StringComparison.Ordinal);
        Assert.Equal(1, met);
    }

    [Theory]
    [InlineData(long.MaxValue, "clock +")]
    [InlineData(long.MinValue, "clock -")]
    public async Task What_a_hostile_end_says_of_itself_is_told_in_lines_whatever_its_clock(long clock, string skew)
    {
        const string Hostile = "x\u001b[2J\n\u202ey";
        await using ChannelListener listener = Listen(_peer, async (incoming, token) =>
        {
            PeerChannel channel = await incoming.WelcomeAsync(
                new PeerHello { Role = NodeRole.Engine, NodeId = Guid.NewGuid(), Name = "lab-2", Product = "1.2.3" },
                new Says(new ReachabilityReport
                {
                    Listener = ListenerState.Ours,
                    ListenerText = Hostile,
                    Rule = FirewallTestOutcome.Passed,
                    RuleText = Hostile,
                    ArrivedText = Hostile,
                    SeenFrom = Hostile,
                    Product = Hostile,
                    MinVersion = int.MinValue,
                    MaxVersion = int.MaxValue,
                    ClockUnixMs = clock,
                }),
                token);
            await channel.Completion;
            await channel.DisposeAsync();
        });

        FirewallTestResult result = await TestAsync(Request(listener.EndPoint.Port));

        Assert.True(result.Succeeded, result.VerdictDetail);
        Assert.Contains(skew, At(result, FirewallStage.OtherEnd).Evidence, StringComparison.Ordinal);
        Assert.All(result.Stages, stage => Assert.True(PeerText.IsLine(stage.Evidence, 4096), stage.Evidence));
    }

    [Fact]
    public async Task Without_any_engine_a_node_is_met_and_its_identity_shown_but_not_judged()
    {
        await using ChannelListener listener = Listen(_peer, static (_, _) => Task.CompletedTask);

        FirewallTestResult result = await TestAsync(new FirewallTestRequest
        {
            Host = "127.0.0.1",
            Port = listener.EndPoint.Port,
        });

        Assert.True(result.Succeeded, result.VerdictDetail);
        FirewallTestStage identity = At(result, FirewallStage.Identity);
        Assert.Equal(FirewallTestOutcome.Unknown, identity.Result);
        Assert.Contains(_peer.Fingerprint.ToString(), identity.Evidence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(65536)]
    public async Task A_port_out_of_range_is_refused_before_anything_is_tried(int port)
    {
        ScanEngineException error = await Assert.ThrowsAsync<ScanEngineException>(() => TestAsync(Request(port)));

        Assert.Equal(FaultCode.PortInvalid, error.Code);
    }

    [Fact]
    public void Every_fault_of_the_channel_and_every_refusal_has_a_stage_and_an_advice()
    {
        FirewallTestRequest request = Request(40814);
        foreach (ChannelFault fault in Enum.GetValues<ChannelFault>().Where(f => f != ChannelFault.Refused))
        {
            (_, string advice) = FirewallFaultTable.Explain(
                new ChannelException(fault, ChannelStage.Connect, "x:1", "x"), request);
            Assert.True(advice.Length > 20, $"{fault}: '{advice}'");
            Assert.DoesNotContain('{', advice);
        }

        foreach (RefusalCode code in Enum.GetValues<RefusalCode>())
        {
            var refused = new ChannelException(ChannelFault.Refused, ChannelStage.Hello, "x:1", "x")
            {
                Refusal = new Refusal(code, "x"),
            };
            Assert.True(FirewallFaultTable.Explain(refused, request).Recommendation.Length > 20, code.ToString());
        }
    }

    private static FirewallTestStage At(FirewallTestResult result, FirewallStage stage) =>
        result.Stages.Single(s => s.Stage == stage);

    private static FirewallTestStage AssertFailed(FirewallTestResult result, FirewallStage stage)
    {
        Assert.False(result.Succeeded);
        Assert.Equal(Enum.GetValues<FirewallStage>(), result.Stages.Select(s => s.Stage));
        FirewallTestStage failed = Assert.Single(result.Stages, s => s.Result == FirewallTestOutcome.Failed);
        Assert.Equal(stage, failed.Stage);
        Assert.NotEmpty(failed.Recommendation);
        Assert.All(
            result.Stages.Where(s => s.Stage is > FirewallStage.LocalListener && s.Stage < stage),
            s => Assert.Equal(FirewallTestOutcome.Passed, s.Result));
        Assert.All(
            result.Stages.Where(s => s.Stage > stage), s => Assert.Equal(FirewallTestOutcome.Skipped, s.Result));
        return failed;
    }

    private static async Task<FirewallTestResult> TestAsync(FirewallTestRequest request) => TestAdvice.IsGiven(
        await new FirewallTester(NoTools.RunAsync, windows: false, TimeProvider.System)
            .TestAsync(request, CancellationToken.None).WaitAsync(Bound));

    private static X509Certificate2 Forged(string authority)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var root = new CertificateRequest(authority, authorityKey, HashAlgorithmName.SHA256);
        root.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using X509Certificate2 issuer = root.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var leaf = new CertificateRequest("CN=lab-2.example.net", key, HashAlgorithmName.SHA256);
        using X509Certificate2 issued = leaf.Create(issuer, now.AddHours(-1), now.AddHours(1), [1, 2, 3]);
        return issued.CopyWithPrivateKey(key);
    }

    private ChannelListener Listen(NodeIdentity identity, Func<IncomingPeer, CancellationToken, Task> decide) =>
        ChannelListener.Start(new IPEndPoint(IPAddress.Loopback, 0), identity, _runtime, decide);

    private FirewallTestRequest Request(int port) => new()
    {
        EngineName = "lab-2",
        Direction = CommunicationDirection.ConsoleToEngine,
        Host = "127.0.0.1",
        Port = port,
        LocalRole = NodeRole.Console,
        Identity = _own,
        Pins = [_peer.Fingerprint],
        Timeout = TimeSpan.FromSeconds(60),
    };

    private sealed class NoWork : IPeerHandler
    {
        public ValueTask<ReadOnlyMemory<byte>> OnRequestAsync(
            PeerChannel channel, ushort method, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
            throw new PeerRequestException(1, "no work");

        public Task OnStreamAsync(PeerChannel channel, ChannelStream stream, CancellationToken cancellationToken) =>
            Task.CompletedTask;
    }

    private sealed class Says(ReachabilityReport report) : IPeerHandler
    {
        public ValueTask<ReadOnlyMemory<byte>> OnRequestAsync(
            PeerChannel channel, ushort method, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
            new(WireJson.Write(report));

        public Task OnStreamAsync(PeerChannel channel, ChannelStream stream, CancellationToken cancellationToken) =>
            Task.CompletedTask;
    }
}
