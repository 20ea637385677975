using System.Globalization;
using System.Net;
using ScanEngineAdmin.Core.Direction;

namespace ScanEngineAdmin.Core.Firewall;

/// <summary>The half of a test that the dialled host can do: its listener, and what the last contact proves.</summary>
internal sealed class FirewallListenerCheck(FirewallTestRequest request, TimeProvider time)
{
    private string Start => request.Direction == CommunicationDirection.ConsoleToEngine
        ? $"Start-EngineListener -Port {request.Port}"
        : $"Start-SecurityConsole -Port {request.Port}";

    public FirewallTestResult Run(FirewallTestReport report)
    {
        string dialler = request.Direction == CommunicationDirection.ConsoleToEngine ? "console" : "engine";
        report.Fill(FirewallStage.Name, FirewallStage.Route, FirewallTestOutcome.Skipped,
            $"The {dialler} dials; its name resolution and its route count.");
        Listener(report);
        string from = request.EngineName.Length > 0
            ? $"Test-EngineFirewall -Name '{RuleText.Name(request.EngineName)}'"
            : $"Test-EngineFirewall -ComputerName {request.Host} -Port {request.Port}";
        string here = $"This host is the one that is dialled: the way in cannot be tried from it. "
            + $"Run on the {dialler} host: {from}";
        for (FirewallStage stage = FirewallStage.Connect; stage < FirewallStage.RoundTrip; stage++)
        {
            report.Add(stage, FirewallTestOutcome.Skipped, $"The {dialler} dials, not this host.", here);
        }

        DateTimeOffset now = time.GetUtcNow();
        if (request.LastContact is { } contact && request.NextExpected is { } due && now <= due && !report.HasFailed)
        {
            report.Add(
                FirewallStage.RoundTrip, FirewallTestOutcome.Passed,
                string.Create(CultureInfo.InvariantCulture,
                    $"The {dialler}'s last full round trip under this direction "
                    + $"was {(now - contact).TotalSeconds:0} s ago."));
            return report.Close(succeeded: true);
        }

        report.Add(
            FirewallStage.RoundTrip, FirewallTestOutcome.Skipped,
            request.LastContact is { } last
                ? $"The {dialler}'s last round trip was at {last:u}; the next is overdue."
                : $"The {dialler} has never been here.",
            here);
        return report.HasFailed
            ? report.Close(succeeded: false)
            : report.Close(
                succeeded: false,
                $"Unknown: this host looks ready, but only the {dialler} host can try the way. Run there: {from}");
    }

    private void Listener(FirewallTestReport report)
    {
        long start = time.GetTimestamp();
        IReadOnlyList<LocalListener> listeners = LocalListener.On(request.Port);
        (FirewallTestOutcome result, string evidence, string recommendation) = Judge(listeners);
        report.Add(FirewallStage.LocalListener, result, evidence, recommendation, time.GetElapsedTime(start));
    }

    private (FirewallTestOutcome Result, string Evidence, string Recommendation) Judge(
        IReadOnlyList<LocalListener> listeners)
    {
        if (listeners.Count == 0)
        {
            return (FirewallTestOutcome.Failed, $"Nothing listens on TCP {request.Port} here.", Start);
        }

        string bound = string.Join("; ", listeners.Select(static l => $"{l.EndPoint} by {l.Owner}"));
        if (request.ListenerProcessId is { } ours && listeners.All(l => l.ProcessId is { } id && id != ours))
        {
            return (
                FirewallTestOutcome.Failed,
                $"Bound, but not by the node (process {ours}): {bound}.",
                $"Stop that process or give the node another port, then: {Start}");
        }

        bool loopbackOnly = listeners.All(static l => IPAddress.IsLoopback(l.EndPoint.Address));
        bool loopbackWanted = IPAddress.TryParse(request.Host, out IPAddress? host) && IPAddress.IsLoopback(host);
        if (loopbackOnly && !loopbackWanted)
        {
            return (
                FirewallTestOutcome.Failed,
                $"Bound to loopback only, which no other host can reach: {bound}.",
                $"{Start} -Address 0.0.0.0");
        }

        return request.ListenerProcessId is null && listeners.All(static l => l.ProcessId is null)
            ? (
                FirewallTestOutcome.Unknown,
                $"Bound: {bound}.",
                $"See whose it is: sudo ss -ltnp 'sport = :{request.Port}'")
            : (FirewallTestOutcome.Passed, $"Bound: {bound}.", string.Empty);
    }
}
