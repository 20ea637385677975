using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Domain.Firewall;

namespace ScanEngineAdmin.Core.Diagnosis;

/// <summary>The stages of one test as they come in; fills up with Skipped whatever was not reached.</summary>
internal sealed class FirewallTestReport(FirewallTestRequest request)
{
    private readonly SortedDictionary<FirewallStage, FirewallTestStage> _stages = [];

    /// <summary>What was found of this host's own filter.</summary>
    public FirewallTestStage Rule => _stages[FirewallStage.LocalRule];

    public bool HasFailed => _stages.Values.Any(static s => s.Result == FirewallTestOutcome.Failed);

    /// <summary>Packets of full size were seen to be lost while small ones pass.</summary>
    public bool LosesLargePackets { get; set; }

    public void Add(
        FirewallStage stage, FirewallTestOutcome result, string evidence,
        string recommendation = "", TimeSpan? elapsed = null) =>
        _stages[stage] = new FirewallTestStage
        {
            Stage = stage,
            Result = result,
            Evidence = evidence,
            Recommendation = recommendation,
            Elapsed = elapsed,
        };

    /// <summary>Sets every stage not heard of yet, from one to another, both included.</summary>
    public void Fill(FirewallStage from, FirewallStage to, FirewallTestOutcome result, string evidence)
    {
        for (FirewallStage stage = from; stage <= to; stage++)
        {
            if (!_stages.ContainsKey(stage))
            {
                Add(stage, result, evidence);
            }
        }
    }

    public FirewallTestResult Close(bool succeeded, FirewallVerdict verdict, string? detail = null)
    {
        FirewallTestStage? failed = _stages.Values.FirstOrDefault(static s => s.Result == FirewallTestOutcome.Failed);
        Fill(FirewallStage.Name, FirewallStage.OtherEnd, FirewallTestOutcome.Skipped,
            failed is null ? "Not tried." : $"Not reached: {failed.Stage} failed.");
        return new FirewallTestResult
        {
            EngineName = request.EngineName,
            Direction = request.Direction,
            EndPoint = request.EndPoint,
            Succeeded = succeeded,
            ShouldBeOpen = request.ShouldBeOpen,
            Stages = [.. _stages.Values],
            Verdict = verdict,
            VerdictDetail = FirewallExpectation.Word(request, succeeded, verdict, detail ?? (failed is null
                ? $"{request.EndPoint} is reachable."
                : $"Failed at {failed.Stage}: {failed.Evidence}")),
        };
    }

    /// <summary>What the dialling host saw, in the form in which it is judged and told to the other end.</summary>
    public DiallerView View(bool succeeded, ChannelException? fault)
    {
        FirewallTestStage? rule = _stages.GetValueOrDefault(FirewallStage.LocalRule);
        FirewallTestStage? failed = _stages.Values
            .FirstOrDefault(static s => s is { Result: FirewallTestOutcome.Failed, Stage: > FirewallStage.LocalRule });
        string text = failed?.Evidence ?? fault?.Message ?? $"{request.EndPoint} is reachable.";
        return new DiallerView
        {
            EndPoint = request.EndPoint,
            Succeeded = succeeded,
            Fault = fault?.Fault.ToString(),
            Refusal = fault?.Refusal?.Code.ToString(),
            LosesLargePackets = LosesLargePackets,
            Text = Short(text),
            Rule = rule?.Result ?? FirewallTestOutcome.Unknown,
            RuleText = Short(rule?.Evidence ?? string.Empty),
        };
    }

    // Evidence crosses the wire, over a path that may lose what is large.
    internal static string Short(string text) => text.Length <= 400 ? text : text[..400] + "…";
}
