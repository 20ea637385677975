namespace ScanEngineAdmin.Core.Firewall;

/// <summary>The stages of one test as they come in; fills up with Skipped whatever was not reached.</summary>
internal sealed class FirewallTestReport(FirewallTestRequest request)
{
    private readonly SortedDictionary<FirewallStage, FirewallTestStage> _stages = [];

    public bool HasFailed => _stages.Values.Any(static s => s.Result == FirewallTestOutcome.Failed);

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

    public FirewallTestResult Close(bool succeeded, string? verdict = null)
    {
        FirewallTestStage? failed = _stages.Values.FirstOrDefault(static s => s.Result == FirewallTestOutcome.Failed);
        Fill(FirewallStage.Name, FirewallStage.RoundTrip, FirewallTestOutcome.Skipped,
            failed is null ? "Not tried." : $"Not reached: {failed.Stage} failed.");
        return new FirewallTestResult
        {
            EngineName = request.EngineName,
            Direction = request.Direction,
            EndPoint = request.EndPoint,
            Succeeded = succeeded,
            Stages = [.. _stages.Values],
            Verdict = verdict ?? (failed is null
                ? $"{request.EndPoint} is reachable."
                : $"Failed at {failed.Stage}: {failed.Evidence}"),
        };
    }
}
