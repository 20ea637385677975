using System.Globalization;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Domain.Firewall;

namespace ScanEngineAdmin.Core.Diagnosis;

/// <summary>The second witness of a test: the other end, asked through the node that runs on this host.</summary>
internal sealed class FirewallOtherEnd(
    Func<ReachabilityQuestion, CancellationToken, Task<ReachabilityAnswer>> ask)
{
    // The question takes its time to get there. An attempt before the test that counts makes a verdict Unknown; one
    // of the test that is missed would make a wrong one.
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(1);

    /// <summary>This end has dialled in vain: what did arrive there?</summary>
    public async Task<(ReachabilityReport? Seen, string NotAsked)> LookAsync(
        FirewallTestReport report, FirewallTestRequest request, TimeSpan since, CancellationToken cancellationToken)
    {
        ReachabilityAnswer answer = await ask(Question(request, since + Slack, probe: false), cancellationToken)
            .ConfigureAwait(false);
        if (answer.Other is not { } seen)
        {
            report.Add(
                FirewallStage.OtherEnd, FirewallTestOutcome.Unknown, answer.NotAsked,
                FirewallFaultTable.Fill("Run on the {0} host as well: {4}", request));
            return (null, answer.NotAsked);
        }

        bool well = seen.Listener is ListenerState.Ours or ListenerState.Unknown
            && seen.Rule != FirewallTestOutcome.Failed;
        report.Add(
            FirewallStage.OtherEnd,
            well ? FirewallTestOutcome.Passed : FirewallTestOutcome.Failed,
            $"{seen.ListenerText} Its filter: {seen.RuleText} {seen.ArrivedText} "
            + $"It sees this host as {seen.SeenFrom}.",
            well ? string.Empty
            : FirewallFaultTable.Fill(
                seen.Rule == FirewallTestOutcome.Failed ? "Let TCP {5} in on the {0} host: {6}"
                    : "On the {0} host see who holds the port: {1}; and whether the node is up: {2}",
                request));
        return (seen, string.Empty);
    }

    /// <summary>This end is the one that is dialled: has the other one dial, and judges what both saw.</summary>
    public async Task<(FirewallTestResult? Result, string NotAsked)> ProbeAsync(
        FirewallTestReport report, FirewallTestRequest request, ListenerStatus look,
        CancellationToken cancellationToken)
    {
        ReachabilityAnswer answer = await ask(Question(request, Slack, probe: true), cancellationToken)
            .ConfigureAwait(false);
        if (answer is not { Probe: { } dialler, Own: { } own })
        {
            report.Add(
                FirewallStage.OtherEnd, FirewallTestOutcome.Unknown, answer.NotAsked,
                FirewallListenerCheck.RunThere(request));
            return (null, answer.NotAsked);
        }

        FirewallTestStage rule = report.Rule;
        ReachabilityReport here = own with
        {
            // The admin may read what the node's own user may not.
            Listener = look.State,
            ListenerText = look.Text,
            Rule = rule.Result,
            RuleText = rule.Evidence,
        };
        if (Port(dialler.EndPoint) is { } dialled && dialled != request.Port)
        {
            ListenerStatus there = ListenerStatus.At(
                dialled, request.ListenerProcessId, isOwn: false, loopbackWanted: false);
            here = here with { Listener = there.State, ListenerText = there.Text };
        }

        (FirewallVerdict verdict, string detail) = FirewallJudge.Judge(dialler, here);
        bool succeeded = dialler is { Succeeded: true, LosesLargePackets: false };
        FirewallTestOutcome outcome = succeeded ? FirewallTestOutcome.Passed : FirewallTestOutcome.Failed;
        string next = succeeded ? string.Empty : FirewallListenerCheck.RunThere(request);
        string tried = $"The other end dialled {dialler.EndPoint}: {dialler.Text}";
        report.Fill(
            FirewallStage.Connect, FirewallStage.Version, FirewallTestOutcome.Skipped,
            "The other end dialled; what it saw is under OtherEnd.");
        report.Add(FirewallStage.RoundTrip, outcome, tried, next);
        report.Add(
            FirewallStage.PathMtu,
            dialler.LosesLargePackets ? FirewallTestOutcome.Failed
                : succeeded ? FirewallTestOutcome.Passed : FirewallTestOutcome.Skipped,
            dialler.LosesLargePackets ? dialler.Text
            : succeeded ? "Packets of full size came through." : "Not reached.",
            dialler.LosesLargePackets ? FirewallLargePackets.Advice(request) : string.Empty);
        report.Add(
            FirewallStage.OtherEnd, outcome,
            $"{tried} Its own filter: {dialler.RuleText} {own.ArrivedText}", next);
        return (report.Close(succeeded, verdict, detail), string.Empty);
    }

    private static int? Port(string endPoint) => int.TryParse(
        endPoint[(endPoint.LastIndexOf(':') + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out int port)
        ? port
        : null;

    private static ReachabilityQuestion Question(FirewallTestRequest request, TimeSpan since, bool probe) => new()
    {
        QuestionId = Guid.NewGuid(),
        PairingId = request.PairingId!.Value,
        Direction = request.Direction,
        Port = request.Port,
        WithinSeconds = Math.Max(1, (int)Math.Ceiling(since.TotalSeconds)),
        Probe = probe,
        ProbePort = request.ProbePort,
        TimeoutMs = (int)Math.Min(int.MaxValue, request.Timeout.TotalMilliseconds),
        AskedUnixMs = 0,
    };
}
