using System.Globalization;
using ScanEngineAdmin.Channel;

namespace ScanEngineAdmin.Core.Firewall;

/// <summary>
/// The half of a test that the dialling host can do, in one connection: from the connect to the round trip, or to the
/// fault that ended it. The hello says that it is a probe, so that the other side changes no state for it.
/// </summary>
internal sealed class FirewallDial(FirewallTestRequest request, TimeProvider time)
{
    public async Task<FirewallTestResult> RunAsync(FirewallTestReport report, CancellationToken cancellationToken)
    {
        using var runtime = new ChannelRuntime(ChannelOptions.Default with
        {
            Time = time,
            ConnectTimeout = request.Timeout,
            HandshakeTimeout = request.Timeout,
            RequestTimeout = request.Timeout,
        });
        using NodeIdentity? made = request.Identity is null ? NodeIdentity.Create(Guid.NewGuid(), time) : null;
        var dialer = new ChannelDialer(request.Identity ?? made!, runtime);
        var target = new DialTarget(request.Host, request.Port, request.Pins);
        long start = time.GetTimestamp();
        try
        {
            return request.Pins.Count == 0
                ? await MeetAsync(dialer, target, report, start, cancellationToken).ConfigureAwait(false)
                : await RoundTripAsync(dialer, target, report, start, cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelException fault)
        {
            return Ended(report, fault, time.GetElapsedTime(start));
        }
    }

    private async Task<FirewallTestResult> RoundTripAsync(
        ChannelDialer dialer, DialTarget target, FirewallTestReport report, long start,
        CancellationToken cancellationToken)
    {
        PeerChannel channel = await dialer
            .OpenChannelAsync(target, Hello(), new FirewallTestProbe(), cancellationToken).ConfigureAwait(false);
        await using (channel.ConfigureAwait(false))
        {
            PeerInfo peer = channel.Peer;
            Connected(report, $"{peer.Local} to {peer.Remote}");
            report.Add(FirewallStage.Tls, FirewallTestOutcome.Passed, "The handshake was finished by both sides.");
            report.Add(
                FirewallStage.Identity, FirewallTestOutcome.Passed, $"It is the expected node: {peer.Fingerprint}.");
            report.Add(
                FirewallStage.Version, FirewallTestOutcome.Passed,
                string.Create(CultureInfo.InvariantCulture,
                    $"{peer.Hello.Role} '{peer.Hello.Name}' (product {peer.Hello.Product}) "
                    + $"welcomed this node in version {peer.Version}."),
                elapsed: time.GetElapsedTime(start));
            TimeSpan trip = await PingAsync(channel, target, cancellationToken).ConfigureAwait(false);
            report.Add(
                FirewallStage.RoundTrip, FirewallTestOutcome.Passed,
                string.Create(CultureInfo.InvariantCulture, $"There and back in {trip.TotalMilliseconds:0.0} ms."),
                elapsed: trip);
            await channel.CloseAsync(RefusalCode.Unspecified, "The reachability test has ended.").ConfigureAwait(false);
            return report.Close(succeeded: true);
        }
    }

    private async Task<TimeSpan> PingAsync(PeerChannel channel, DialTarget target, CancellationToken cancellationToken)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bound.CancelAfter(request.Timeout);
        try
        {
            return await channel.PingAsync(bound.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ChannelException(
                ChannelFault.PeerSilent, ChannelStage.Open, target.EndPoint,
                $"{target.EndPoint} welcomed this node but gave no answer "
                + $"within {request.Timeout.TotalSeconds:0.#} s.");
        }
    }

    /// <summary>Nobody said who is to be there: learns who is, which only a connection for pairing may.</summary>
    private async Task<FirewallTestResult> MeetAsync(
        ChannelDialer dialer, DialTarget target, FirewallTestReport report, long start,
        CancellationToken cancellationToken)
    {
        PairingConnection met = await dialer.OpenPairingAsync(target, Hello(), cancellationToken).ConfigureAwait(false);
        await using (met.ConfigureAwait(false))
        {
            Connected(report, $"to {met.Remote}");
            report.Add(
                FirewallStage.Tls, FirewallTestOutcome.Passed, "A node of this product answers, in TLS.",
                elapsed: time.GetElapsedTime(start));
            report.Add(
                FirewallStage.Identity, FirewallTestOutcome.Unknown,
                $"No identity was expected. The node there shows {met.PeerFingerprint}.",
                "Compare it with the fingerprint that the other host shows (Get-EngineListener, Get-SecurityConsole).");
            report.Fill(
                FirewallStage.Version, FirewallStage.RoundTrip, FirewallTestOutcome.Skipped,
                "Only a paired node is welcomed; here none was named.");
            return report.Close(
                succeeded: true, $"{request.EndPoint} is reachable and a node answers; who it is was not checked.");
        }
    }

    private FirewallTestResult Ended(FirewallTestReport report, ChannelException fault, TimeSpan elapsed)
    {
        (FirewallStage stage, string recommendation) = FirewallFaultTable.Explain(fault, request);
        string met = fault.Met.IsEmpty ? string.Empty : $": {fault.Met}";
        foreach ((FirewallStage earlier, string evidence) in new[]
        {
            (FirewallStage.Connect, $"{request.EndPoint} accepts connections."),
            (FirewallStage.FirstBytes, "TLS answers."),
            (FirewallStage.Tls, "TLS went as far as the certificate."),
            (FirewallStage.Identity, $"It is the expected node{met}."),
            (FirewallStage.Version, "The node understood this version's hello."),
        }.Where(reached => reached.Item1 < stage))
        {
            report.Fill(earlier, earlier, FirewallTestOutcome.Passed, evidence);
        }

        report.Add(stage, FirewallTestOutcome.Failed, fault.Message, recommendation, elapsed);
        return report.Close(succeeded: false, fault.Fault == ChannelFault.ConnectTimedOut
            ? $"Unknown which side drops: {fault.Message}"
            : null);
    }

    private static void Connected(FirewallTestReport report, string evidence)
    {
        report.Add(FirewallStage.Connect, FirewallTestOutcome.Passed, $"Connected {evidence}.");
        report.Add(FirewallStage.FirstBytes, FirewallTestOutcome.Passed, "TLS answers.");
    }

    private PeerHello Hello()
    {
        NodeRole dialler = FirewallNeed.Acceptor(request.Direction) == NodeRole.Engine
            ? NodeRole.Console
            : NodeRole.Engine;
        return new PeerHello
        {
            Role = request.LocalRole ?? dialler,
            // A hello without an id is no hello; whoever is nobody yet is somebody new.
            NodeId = request.NodeId == Guid.Empty ? Guid.NewGuid() : request.NodeId,
            Name = request.NodeName,
            Properties = new Dictionary<string, string>(request.HelloProperties)
            {
                [FirewallTestProbe.PurposeKey] = FirewallTestProbe.Purpose,
            },
        };
    }
}
