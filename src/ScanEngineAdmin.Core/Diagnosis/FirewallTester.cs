using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Firewall.Providers;
using ScanEngineAdmin.Firewall.Rehearsal;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Core.Diagnosis;

/// <summary>
/// Tests the way to a node stage by stage, by the very dialler that the product uses and with one connection. It says
/// what was seen and what to do; which side drops it says only when it knows.
/// </summary>
internal sealed class FirewallTester
{
    private readonly Func<string, IReadOnlyList<string>, CancellationToken, Task<ToolResult>> _run;
    private readonly bool _windows;
    private readonly TimeProvider _time;
    private readonly FirewallOtherEnd? _otherEnd;
    private readonly SocketUser? _user;
    private readonly Rehearsals? _rehearsals;

    /// <param name="time">The clock.</param>
    /// <param name="user">Whose the node's sockets are; null for what this process can tell.</param>
    public FirewallTester(TimeProvider? time = null, SocketUser? user = null)
        : this(
            ToolRunner.RunAsync, OperatingSystem.IsWindows(), time ?? TimeProvider.System,
            user: user ?? SocketUser.OfNode())
    {
    }

    internal FirewallTester(FirewallAnswers answers, TimeProvider time, FirewallOtherEnd? otherEnd = null)
        : this(answers.RunAsync, answers.Windows, time, otherEnd, answers.NodeUser, answers.Rehearsals)
    {
    }

    internal FirewallTester(
        Func<string, IReadOnlyList<string>, CancellationToken, Task<ToolResult>> run, bool windows, TimeProvider time,
        FirewallOtherEnd? otherEnd = null, SocketUser? user = null, Rehearsals? rehearsals = null)
    {
        _rehearsals = rehearsals;
        _user = user;
        _otherEnd = otherEnd;
        _run = run;
        _windows = windows;
        _time = time;
    }

    public async Task<FirewallTestResult> TestAsync(FirewallTestRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Port is < 1 or > 65535)
        {
            throw new ScanEngineException(
                FaultCode.PortInvalid,
                $"{request.Port} is not a TCP port.",
                "Give a port from 1 to 65535.",
                request.Host);
        }

        request = request with { Host = DialAddress.Validate(request.Host) };
        var report = new FirewallTestReport(request);
        return request.IsDialled
            ? await ListenAsync(report, request, cancellationToken).ConfigureAwait(false)
            : await DialAndJudgeAsync(report, request, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The dialling half alone, as the other end asks for it.</summary>
    internal async Task<DiallerView> DialAsync(FirewallTestRequest request, CancellationToken cancellationToken)
    {
        var report = new FirewallTestReport(request);
        return await DialAsync(report, request, cancellationToken).ConfigureAwait(false)
            ?? report.View(succeeded: true, null);
    }

    /// <summary>What this host's own filter does with a connection from or to that peer.</summary>
    internal Task<(FirewallTestOutcome Result, string Evidence, string Recommendation)> LookAtRuleAsync(
        RuleFlow flow, int port, IPAddress? peer, CancellationToken cancellationToken) =>
        new LocalRuleProbe(_run, _windows, _user, _rehearsals).LookAsync(flow, port, cancellationToken, peer);

    /// <summary>Which manager owns this host's filter, and whether it denies what its node dials.</summary>
    internal Task<(FirewallOwner Owner, bool? DeniesOutbound)> OwnerAsync(
        CancellationToken cancellationToken, IReadOnlyList<OutboundWay>? ways = null) =>
        new FirewallAnswers(_run, _windows) { NodeUser = _user }.OwnerAsync(cancellationToken, ways);

    private async Task<FirewallTestResult> DialAndJudgeAsync(
        FirewallTestReport report, FirewallTestRequest request, CancellationToken cancellationToken)
    {
        long start = _time.GetTimestamp();
        DiallerView? seen = await DialAsync(report, request, cancellationToken).ConfigureAwait(false);
        if (seen is null)
        {
            return report.Close(
                succeeded: true, FirewallVerdict.Ok,
                $"{request.EndPoint} is reachable and a node answers; who it is was not checked.");
        }

        (FirewallVerdict verdict, string detail) = FirewallJudge.Judge(seen, null);
        if (verdict == FirewallVerdict.Unknown && _otherEnd is not null && request.PairingId is not null)
        {
            (ReachabilityReport? other, string notAsked) = await _otherEnd
                .LookAsync(report, request, _time.GetElapsedTime(start), cancellationToken).ConfigureAwait(false);
            (verdict, detail) = FirewallJudge.Judge(seen, other);
            detail = other is null ? $"{detail} {notAsked}" : detail;
        }

        return report.Close(seen.Succeeded && !seen.LosesLargePackets, verdict, detail);
    }

    private async Task<DiallerView?> DialAsync(
        FirewallTestReport report, FirewallTestRequest request, CancellationToken cancellationToken)
    {
        if (request.ProxyOnTheWay is { } proxy)
        {
            // What this host knows of the name, its routes and its filter says nothing of the way behind the proxy.
            string through = $"The way leads through the HTTP proxy {proxy}";
            report.Add(FirewallStage.Name, FirewallTestOutcome.Skipped, $"{through}, which looks the name up.");
            report.Add(FirewallStage.Route, FirewallTestOutcome.Skipped, $"{through}.");
            report.Add(FirewallStage.LocalRule, FirewallTestOutcome.Skipped, $"{through}.");
            report.Add(
                FirewallStage.LocalListener, FirewallTestOutcome.Skipped, "This host dials; the other one listens.");
            return await new FirewallDial(request, _time).RunAsync(report, cancellationToken).ConfigureAwait(false);
        }

        IPAddress[] addresses = await ResolveAsync(report, request, cancellationToken).ConfigureAwait(false);
        if (addresses.Length == 0)
        {
            return report.View(succeeded: false, new ChannelException(
                ChannelFault.NameNotResolved, ChannelStage.Name, request.EndPoint,
                $"'{request.Host}' does not resolve on the dialling host."));
        }

        Route(report, addresses, request.Port);
        await AddRuleAsync(report, RuleFlow.Out, request.Port, addresses[0], cancellationToken).ConfigureAwait(false);
        report.Add(FirewallStage.LocalListener, FirewallTestOutcome.Skipped, "This host dials; the other one listens.");
        return await new FirewallDial(request, _time).RunAsync(report, cancellationToken).ConfigureAwait(false);
    }

    private async Task<FirewallTestResult> ListenAsync(
        FirewallTestReport report, FirewallTestRequest request, CancellationToken cancellationToken)
    {
        IPAddress? peer = IPAddress.TryParse(request.PeerAddress, out IPAddress? known) ? known : null;
        await AddRuleAsync(report, RuleFlow.In, request.Port, peer, cancellationToken).ConfigureAwait(false);
        var check = new FirewallListenerCheck(request, _time);
        ListenerStatus look = check.Look(report);
        if (_otherEnd is null || request.PairingId is null)
        {
            return check.Alone(report, look, string.Empty);
        }

        (FirewallTestResult? result, string notAsked) = await _otherEnd
            .ProbeAsync(report, request, look, cancellationToken).ConfigureAwait(false);
        return result ?? check.Alone(report, look, notAsked);
    }

    private async Task<IPAddress[]> ResolveAsync(
        FirewallTestReport report, FirewallTestRequest request, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(request.Host, out IPAddress? literal))
        {
            report.Add(FirewallStage.Name, FirewallTestOutcome.Passed, $"{literal} is an address already.");
            return [literal];
        }

        long start = _time.GetTimestamp();
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bound.CancelAfter(request.Timeout);
        string why;
        try
        {
            IPAddress[] found = await Dns.GetHostAddressesAsync(request.Host, bound.Token)
                .WaitAsync(bound.Token).ConfigureAwait(false);
            if (found.Length > 0)
            {
                report.Add(
                    FirewallStage.Name, FirewallTestOutcome.Passed,
                    $"{request.Host} is {string.Join(", ", found.Select(static a => a.ToString()))}.",
                    elapsed: _time.GetElapsedTime(start));
                return found;
            }

            why = "it has no address";
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            why = e.Message;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            why = $"no answer within {request.Timeout.TotalSeconds:0.#} s";
        }

        var fault = new ChannelException(
            ChannelFault.NameNotResolved, ChannelStage.Name, request.EndPoint,
            $"'{request.Host}' does not resolve on this host: {why}.");
        report.Add(
            FirewallStage.Name, FirewallTestOutcome.Failed, fault.Message,
            FirewallFaultTable.Explain(fault, request).Recommendation, _time.GetElapsedTime(start));
        return [];
    }

    /// <summary>A connected UDP socket asks the routing table and sends nothing.</summary>
    private static void Route(FirewallTestReport report, IPAddress[] addresses, int port)
    {
        var seen = new List<string>();
        bool any = false;
        long start = Stopwatch.GetTimestamp();
        foreach (IPAddress address in addresses)
        {
            try
            {
                using var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
                socket.Connect(address, port);
                seen.Add($"to {address} from {((IPEndPoint)socket.LocalEndPoint!).Address}");
                any = true;
            }
            catch (SocketException e)
            {
                seen.Add($"no route to {address} ({e.SocketErrorCode})");
            }
        }

        report.Add(
            FirewallStage.Route,
            any ? FirewallTestOutcome.Passed : FirewallTestOutcome.Failed,
            string.Join("; ", seen) + ".",
            any ? string.Empty : $"This host has no way there. See its routes: ip route get {addresses[0]} (Linux) or "
                + $"Find-NetRoute -RemoteIPAddress {addresses[0]} (Windows).",
            Stopwatch.GetElapsedTime(start));
    }

    private async Task AddRuleAsync(
        FirewallTestReport report, RuleFlow flow, int port, IPAddress? peer, CancellationToken cancellationToken)
    {
        long start = _time.GetTimestamp();
        (FirewallTestOutcome result, string evidence, string recommendation) =
            await LookAtRuleAsync(flow, port, peer, cancellationToken).ConfigureAwait(false);
        report.Add(FirewallStage.LocalRule, result, evidence, recommendation, _time.GetElapsedTime(start));
    }
}
