using System.Globalization;
using System.Net;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Core.Diagnosis;

/// <summary>The half of a test that the dialled host can do: its listener, and what the last contact proves.</summary>
internal sealed class FirewallListenerCheck(FirewallTestRequest request, TimeProvider time)
{
    private string Start => request.Direction == CommunicationDirection.ConsoleToEngine
        ? $"Start-EngineListener -Port {request.Port}"
        : $"Start-SecurityConsole -Port {request.Port}";

    private string Dialler => DiallerOf(request);

    /// <summary>What to run on the dialling host, which alone can try the way.</summary>
    public static string RunThere(FirewallTestRequest request) => $"Run on the {DiallerOf(request)} host: "
        + (request.EngineName.Length > 0
            ? $"Test-EngineFirewall -Name '{RuleText.Name(request.EngineName)}'"
            : $"Test-EngineFirewall -ComputerName {request.Host} -Port {request.Port}");

    /// <summary>Looks at this host's listener.</summary>
    public ListenerStatus Look(FirewallTestReport report)
    {
        report.Fill(FirewallStage.Name, FirewallStage.Route, FirewallTestOutcome.Skipped,
            $"The {Dialler} dials; its name resolution and its route count.");
        long start = time.GetTimestamp();
        bool loopback = IsLoopback(request.Host) || IsLoopback(request.PeerAddress);
        ListenerStatus look = ListenerStatus.At(request.Port, request.ListenerProcessId, isOwn: false, loopback);
        (FirewallTestOutcome result, string recommendation) = look.State switch
        {
            ListenerState.None => (FirewallTestOutcome.Failed, Start),
            ListenerState.Other => (
                FirewallTestOutcome.Failed, $"Stop that process or give the node another port, then: {Start}"),
            ListenerState.LoopbackOnly => (FirewallTestOutcome.Failed, $"{Start} -Address 0.0.0.0"),
            ListenerState.Unknown => (
                FirewallTestOutcome.Unknown, $"See whose it is: sudo ss -ltnp 'sport = :{request.Port}'"),
            _ => (FirewallTestOutcome.Passed, string.Empty),
        };
        report.Add(FirewallStage.LocalListener, result, look.Text, recommendation, time.GetElapsedTime(start));
        return look;
    }

    /// <summary>The other host could not be asked to dial: what is known all the same.</summary>
    public FirewallTestResult Alone(FirewallTestReport report, ListenerStatus look, string whyNot)
    {
        string here = "This host is the one that is dialled: the way in cannot be tried from it. "
            + RunThere(request);
        for (FirewallStage stage = FirewallStage.Connect; stage < FirewallStage.RoundTrip; stage++)
        {
            report.Add(stage, FirewallTestOutcome.Skipped, $"The {Dialler} dials, not this host.", here);
        }

        DateTimeOffset now = time.GetUtcNow();
        if (request.LastContact is { } contact && request.NextExpected is { } due && now <= due && !report.HasFailed)
        {
            string seen = string.Create(
                CultureInfo.InvariantCulture,
                $"The {Dialler}'s last full round trip under this direction was "
                + $"{(now - contact).TotalSeconds:0} s ago.");
            report.Add(FirewallStage.RoundTrip, FirewallTestOutcome.Passed, seen);
            return report.Close(succeeded: true, FirewallVerdict.Ok, seen);
        }

        report.Add(
            FirewallStage.RoundTrip, FirewallTestOutcome.Skipped,
            request.LastContact is { } last
                ? $"The {Dialler}'s last round trip was at {last:u}; the next is overdue."
                : $"The {Dialler} has never been here.",
            here);
        if (look.State is ListenerState.None or ListenerState.Other or ListenerState.LoopbackOnly)
        {
            return report.Close(succeeded: false, FirewallVerdict.NotListening, look.Text);
        }

        return report.Close(
            succeeded: false,
            FirewallVerdict.Unknown,
            (report.HasFailed ? "Only" : "This host looks ready, but only")
            + $" the {Dialler} host can try the way. {whyNot} {RunThere(request)}");
    }

    private static string DiallerOf(FirewallTestRequest request) =>
        request.Direction == CommunicationDirection.ConsoleToEngine ? "console" : "engine";

    private static bool IsLoopback(string? text) =>
        IPAddress.TryParse(text, out IPAddress? address) && IPAddress.IsLoopback(address);
}
