using System.Net;
using System.Net.Sockets;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Firewall.Rehearsal;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Core.Diagnosis;

/// <summary>
/// What a running node tells its peer of the way between them, and the one connection that it makes for it. It changes
/// nothing; it reads this host's filter as far as its own user may, and dials nobody but that peer.
/// </summary>
internal sealed class ReachabilityHandler(
    NodeRole role, Func<ChannelListener?> listener, FirewallTester tester, TimeProvider time,
    Func<Guid, RuleFlow, int, RuleFamily, CancellationToken,
        Task<(FirewallTestOutcome Result, string Evidence, string Recommendation)?>>? applier = null) : IDisposable
{
    // Each reads the host's filter with the host's tools, or dials for as long as a probe may take.
    private const int MostAtOnce = 4;
    // Below the time that a request may take.
    private static readonly TimeSpan LongestProbe = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan LongestMemory = TimeSpan.FromHours(1);

    // Behind a translator the peer's address is a gateway's, whose ports are not the peer's alone, and on this host
    // other programs listen: a pairing may name other ports than its own that often an hour. A person who looks for a
    // fault needs a few.
    private const int OtherPortsAnHour = 20;

    private readonly PeerTurns _turns = new(MostAtOnce);
    private readonly AttemptCounter<Guid> _otherPorts = new(TimeSpan.FromHours(1), 4096, time);

    public async Task<ReachabilityReport> ReportAsync(
        ReachabilityAsk ask, PeerChannel channel, CancellationToken cancellationToken, Guid? pairing = null,
        int? peerPort = null)
    {
        IPAddress peer = channel.Peer.Remote.Address;
        ListenerStatus look = new(ListenerState.Unknown, "This end dials under that direction.");
        (FirewallTestOutcome Result, string Evidence, string Recommendation) rule =
            (FirewallTestOutcome.Unknown, "Not looked at.", string.Empty);
        ChannelListener? own = listener();
        // First: a slow look at the filter must not move the time that is meant.
        (bool? arrived, string text) = Arrived(own, peer, TimeSpan.FromSeconds(Math.Max(0, ask.WithinSeconds)));
        if (ask.Look && ask.Port is > 0 and <= 65535)
        {
            // Who listens on its other ports, and for whom the filter opens them, is this host's admin's to know.
            if (pairing is { } asking && ask.Port != own?.EndPoint.Port)
            {
                CountPort(asking, ask.Port, peerPort);
            }

            (look, rule) = await _turns.TakeAsync(
                pairing ?? Guid.Empty,
                () => LookAsync(ask, peer, own, look, pairing, cancellationToken),
                cancellationToken).ConfigureAwait(false);
        }

        return new ReachabilityReport
        {
            Listener = look.State,
            ListenerText = FirewallTestReport.Short(look.Text),
            ListenPort = own?.EndPoint.Port,
            Rule = rule.Result,
            RuleText = FirewallTestReport.Short(rule.Evidence),
            Arrived = arrived,
            ArrivedText = text,
            SeenFrom = ObservedAddress.Text(peer),
            Product = ProductVersion.Text,
            MinVersion = ChannelProtocol.MinVersion,
            MaxVersion = ChannelProtocol.MaxVersion,
            ClockUnixMs = time.GetUtcNow().ToUnixTimeMilliseconds(),
            Fill = ask.FillAnswer > 0 ? new string('x', Math.Min(ask.FillAnswer, ReachabilityAsk.MostFill)) : null,
        };
    }

    /// <summary>What this host's filter is, as far as this node's user may see it.</summary>
    /// <param name="pairing">Whose question it is.</param>
    /// <param name="console">The console's address; its port is asked about as far as it is known.</param>
    /// <param name="port">The console's port.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<HostFirewallFacts> FirewallAsync(
        Guid pairing, IPAddress console, int port, CancellationToken cancellationToken)
    {
        (FirewallOwner owner, bool? deniesOutbound) = await _turns.TakeAsync(
            pairing,
            () => tester.OwnerAsync(cancellationToken, [new OutboundWay(PlainAddress.Of(console), port)]),
            cancellationToken).ConfigureAwait(false);
        return new HostFirewallFacts { Provider = owner.Provider?.ToString(), DeniesOutbound = deniesOutbound };
    }

    /// <summary>
    /// Dials the peer once; <paramref name="allowed"/> are the peer's own addresses, the usual one first.
    /// </summary>
    /// <exception cref="PeerRequestException">
    /// The address asked for is not the peer's, or too many ports were asked for.
    /// </exception>
    public async Task<DiallerView> ProbeAsync(
        Guid pairing, ProbeYouAsk ask, FirewallTestRequest request, IReadOnlyList<string> allowed,
        CancellationToken cancellationToken)
    {
        // A node is no port scanner for its peer: it dials the addresses by which it knows that peer, and no other.
        if (allowed.Count == 0
            || (ask.Address is { } wanted && !allowed.Contains(wanted, StringComparer.OrdinalIgnoreCase)))
        {
            throw new PeerRequestException(
                (int)RequestCode.ProbeRefused,
                allowed.Count == 0 ? "No address of yours is known here." : "That address is not known here as yours.");
        }

        if (ask.Direction != request.Direction || ask.Port is < 1 or > 65535
            || FirewallNeed.Acceptor(ask.Direction) == role)
        {
            throw new PeerRequestException((int)RequestCode.Malformed, "This end does not dial under that direction.");
        }

        if (ask.Port is { } port)
        {
            CountPort(pairing, port, request.Port);
        }

        TimeSpan timeout = TimeSpan.FromMilliseconds(Math.Clamp(ask.TimeoutMs, 100, LongestProbe.TotalMilliseconds));
        return await _turns.TakeAsync(
            pairing,
            () => tester.DialAsync(
                request with
                {
                    Host = ask.Address ?? allowed[0],
                    Port = ask.Port ?? request.Port,
                    Timeout = timeout,
                },
                cancellationToken),
            cancellationToken).ConfigureAwait(false);
    }

    public void Dispose() => _turns.Dispose();

    private void CountPort(Guid pairing, int port, int? usual)
    {
        if (port != usual && port is not (WellKnownPorts.Console or WellKnownPorts.Engine)
            && _otherPorts.Add(pairing) > OtherPortsAnHour)
        {
            throw new PeerRequestException(
                (int)RequestCode.Busy, "Too many other ports were asked for: none before the hour is over.");
        }
    }

    private async Task<(ListenerStatus Look, (FirewallTestOutcome Result, string Evidence, string Recommendation) Rule)>
        LookAsync(
            ReachabilityAsk ask, IPAddress peer, ChannelListener? own, ListenerStatus look, Guid? pairing,
            CancellationToken cancellationToken)
    {
        bool listens = role == FirewallNeed.Acceptor(ask.Direction);
        look = !listens ? look : ListenerStatus.At(
            ask.Port, Environment.ProcessId, own?.EndPoint.Port == ask.Port, IPAddress.IsLoopback(peer));
        RuleFlow flow = listens ? RuleFlow.In : RuleFlow.Out;
        (FirewallTestOutcome Result, string Evidence, string Recommendation) rule =
            await tester.LookAtRuleAsync(flow, ask.Port, peer, cancellationToken).ConfigureAwait(false);
        if (rule.Result == FirewallTestOutcome.Unknown && FilterRehearsal.WhyNot is not null
            && applier is not null && pairing is { } its)
        {
            // A node of a service's account may not look; the applier of its host may, for this pairing's ways.
            RuleFamily family = PlainAddress.Of(peer).AddressFamily == AddressFamily.InterNetwork
                ? RuleFamily.IPv4 : RuleFamily.IPv6;
            rule = await applier(its, flow, ask.Port, family, cancellationToken).ConfigureAwait(false) ?? rule;
        }

        return (look, rule);
    }

    private (bool? Arrived, string Text) Arrived(ChannelListener? own, IPAddress peer, TimeSpan within)
    {
        if (own is null)
        {
            return (false, "No connection arrived at this node: it does not listen.");
        }

        DateTimeOffset from = time.GetUtcNow() - (within < LongestMemory ? within : LongestMemory);
        (IReadOnlyList<Arrival> all, DateTimeOffset since) = own.Arrivals;
        string address = ObservedAddress.Text(peer);
        Arrival[] recent = [.. all.Where(arrival => arrival.Time >= from)];
        Arrival[] theirs = [.. recent.Where(arrival => ObservedAddress.Text(arrival.Remote.Address) == address)];
        if (theirs is [.., var last])
        {
            return (true, FormattableString.Invariant(
                $"{theirs.Length} connections from {address} arrived there, the last from port {last.Remote.Port} ")
                + FormattableString.Invariant($"{(time.GetUtcNow() - last.Time).TotalSeconds:0.0} s ago."));
        }

        string others = recent.Length == 0
            ? ""
            : FormattableString.Invariant($", {recent.Length} from other addresses");
        return since > from
            ? (null, "What arrived there is not remembered for that long.")
            : (false, FormattableString.Invariant($"No connection from {address} arrived there")
                + FormattableString.Invariant($" in the last {within.TotalSeconds:0} s{others}."));
    }
}
