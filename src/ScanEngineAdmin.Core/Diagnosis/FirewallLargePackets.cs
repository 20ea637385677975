using System.Globalization;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Firewall;

namespace ScanEngineAdmin.Core.Diagnosis;

/// <summary>
/// Sends and fetches something larger than a packet over an open channel: a path that loses large packets without a
/// word opens every connection, passes every heartbeat, and stalls with the first scan.
/// </summary>
internal sealed class FirewallLargePackets(FirewallTestRequest request, TimeProvider time)
{
    // Two full segments and a short one: the short one gets through, and its arrival after a gap is the evidence.
    private const int Fill = 4000;

    /// <summary>Null when all went well or could not be tried, else the fault.</summary>
    public async Task<ChannelException?> RunAsync(
        PeerChannel channel, FirewallTestReport report, CancellationToken cancellationToken)
    {
        long start = time.GetTimestamp();
        try
        {
            ushort method = request.Direction == CommunicationDirection.ConsoleToEngine
                ? Methods.EngineReachability
                : Methods.ConsoleReachability;
            ReachabilityReport seen = await channel.AskAsync<ReachabilityReport>(
                method,
                new ReachabilityAsk
                {
                    Direction = request.Direction,
                    Port = request.Port,
                    WithinSeconds = 0,
                    Look = false,
                    FillAnswer = Fill,
                    Fill = new string('x', Fill),
                },
                cancellationToken).ConfigureAwait(false);
            TimeSpan elapsed = time.GetElapsedTime(start);
            report.Add(
                FirewallStage.PathMtu, FirewallTestOutcome.Passed,
                $"{Fill} bytes there and as many back came through.", elapsed: elapsed);
            report.Add(FirewallStage.OtherEnd, FirewallTestOutcome.Passed, Describe(channel, seen));
            return null;
        }
        catch (ChannelException e) when (e.Fault == ChannelFault.RequestFailed)
        {
            // It did get an answer, so what it sent came through.
            report.Add(
                FirewallStage.PathMtu, FirewallTestOutcome.Unknown,
                $"{Fill} bytes came through to the node there; it cannot send as many back ({e.Message}).",
                FirewallFaultTable.Fill("Look into the log of the node on the {0} host.", request));
            return null;
        }
        catch (ChannelException e)
        {
            string? lost = Lost(channel.Transport);
            report.Add(
                FirewallStage.PathMtu,
                lost is null ? FirewallTestOutcome.Unknown : FirewallTestOutcome.Failed,
                lost ?? $"Small frames pass; {Fill} bytes there and back did not within "
                    + $"{request.Timeout.TotalSeconds:0.#} s, and what was lost is not known here.",
                Advice(request), time.GetElapsedTime(start));
            report.LosesLargePackets |= lost is not null;
            return e;
        }
    }

    /// <summary>What TCP's own counters say of lost packets, or null if they say nothing.</summary>
    public static string? Lost(TransportFacts? facts) => facts switch
    {
        { Unacknowledged: > 0, Retransmitted: > 0, BytesAcknowledged: > 0 } => string.Create(
            CultureInfo.InvariantCulture,
            $"Small packets arrive, but {facts.Unacknowledged} of up to {facts.SegmentSize} bytes were sent again "
            + $"{facts.Retransmitted} times and never acknowledged."),
        { OutOfOrder: > 0 } => string.Create(
            CultureInfo.InvariantCulture,
            $"{facts.OutOfOrder} packets came after a gap that was never filled: larger ones before them are lost."),
        _ => null,
    };

    public static string Advice(FirewallTestRequest request) =>
        $"Find the largest size that passes: ping -M do -s 1400 {request.Host} (1372, 1252, ...); let ICMP "
        + "'fragmentation needed' through on the way, or lower the MTU: ip link set dev <device> mtu <size>";

    private string Describe(PeerChannel channel, ReachabilityReport seen)
    {
        string local = channel.Peer.Local.Address.ToString();
        string source = seen.SeenFrom == local
            ? $"It sees this host as {local}, untranslated."
            : $"It sees this host as {seen.SeenFrom}, here it is {local}: an address translation (NAT) is between, and "
                + "its rules need the address that it sees.";
        double skew = (seen.ClockUnixMs - (double)time.GetUtcNow().ToUnixTimeMilliseconds()) / 1000;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{source} Product {seen.Product}, protocol {seen.MinVersion} to {seen.MaxVersion}, "
            + $"clock {skew:+0.0;-0.0;0.0} s against this host's.");
    }
}
