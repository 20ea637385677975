using System.Globalization;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Core.Diagnosis;

/// <summary>
/// The half of a test that the dialling host can do, in one connection: from the connect to the round trip, or to the
/// fault that ended it. The hello says that it is a probe, so that the other side changes no state for it.
/// </summary>
internal sealed class FirewallDial(FirewallTestRequest request, TimeProvider time)
{
    /// <summary>Fills the report; null where nobody was to be expected there: then nothing is judged.</summary>
    public async Task<DiallerView?> RunAsync(FirewallTestReport report, CancellationToken cancellationToken)
    {
        using var runtime = new ChannelRuntime(ChannelOptions.Default with
        {
            Time = time,
            Proxy = request.ProxyOnTheWay,
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
            if (request.Pins.Count == 0)
            {
                await MeetAsync(dialer, target, report, start, cancellationToken).ConfigureAwait(false);
                return null;
            }

            return await RoundTripAsync(dialer, target, report, start, cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelException fault)
        {
            Ended(report, fault, time.GetElapsedTime(start));
            return report.View(succeeded: false, fault);
        }
    }

    private async Task<DiallerView> RoundTripAsync(
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
            ChannelException? stalled = await new FirewallLargePackets(request, time)
                .RunAsync(channel, report, cancellationToken).ConfigureAwait(false);
            await channel.CloseAsync(RefusalCode.Unspecified, "The reachability test has ended.").ConfigureAwait(false);
            return report.View(succeeded: stalled is null, stalled);
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
    private async Task MeetAsync(
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
                FirewallStage.Version, FirewallStage.OtherEnd, FirewallTestOutcome.Skipped,
                "Only a paired node is welcomed; here none was named.");
        }
    }

    private void Ended(FirewallTestReport report, ChannelException fault, TimeSpan elapsed)
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
        if (FirewallLargePackets.Lost(fault.Transport) is { } lost)
        {
            report.LosesLargePackets = true;
            report.Add(
                FirewallStage.PathMtu, FirewallTestOutcome.Failed, lost, FirewallLargePackets.Advice(request));
        }
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
            MinVersion = request.Versions?.Min ?? ChannelProtocol.MinVersion,
            MaxVersion = request.Versions?.Max ?? ChannelProtocol.MaxVersion,
            Properties = new Dictionary<string, string>(request.HelloProperties)
            {
                [FirewallTestProbe.PurposeKey] = FirewallTestProbe.Purpose,
            },
        };
    }
}
