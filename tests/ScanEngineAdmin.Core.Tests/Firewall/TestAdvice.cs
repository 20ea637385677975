using ScanEngineAdmin.Core.Diagnosis;
using ScanEngineAdmin.Domain.Firewall;

namespace ScanEngineAdmin.Core.Tests.Firewall;

/// <summary>What every result of a test owes its reader.</summary>
internal static class TestAdvice
{
    /// <summary>The result, each of whose stages says why, and what to do where it failed or is not known.</summary>
    public static FirewallTestResult IsGiven(FirewallTestResult result)
    {
        Assert.All(result.Stages, stage => Assert.NotEmpty(stage.Evidence));
        Assert.All(
            result.Stages.Where(s => s.Result is FirewallTestOutcome.Failed or FirewallTestOutcome.Unknown),
            stage => Assert.True(stage.Recommendation.Length > 0, $"{stage.Stage}: {stage.Evidence}"));
        Assert.NotEmpty(result.VerdictDetail);
        return result;
    }
}
