using System.Globalization;
using System.Management.Automation;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Diagnosis;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Firewall.Applying;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Pipeline;

/// <summary>
/// Tests the new way of a plan that was just applied, until both ends pass it or the time is over, and says of each
/// rule what that made of it.
/// </summary>
internal sealed class FirewallPlanTrial : IDisposable
{
    public const string Undone = "Undone: the test from both ends did not pass in time. ";

    private const int Bar = 40815;
    private static readonly TimeSpan EachStage = TimeSpan.FromSeconds(5);
    private readonly FirewallPlan _plan;
    private readonly FirewallTestRequests _requests;
    private readonly FirewallTestJob _job;

    /// <exception cref="ScanEngineException">What would be in the way of every test, before anything is touched:
    /// EngineNotFound, AddressRequired.</exception>
    public FirewallPlanTrial(DataFolder folder, FirewallPlan plan, NodeRole role)
    {
        _plan = plan;

        // Each test asks the filter's tools again: what they said at the first one may have changed.
        _requests = new FirewallTestRequests(folder, includeOther: false, EachStage, answers: null);
        try
        {
            _job = _requests.For(plan.EngineName, plan.To, role).FirstOrDefault(
                job => job.Request().PairingId is var id && (plan.PairingId == Guid.Empty || id == plan.PairingId))
                ?? throw NotFound.Engine(plan.EngineName);
        }
        catch
        {
            _requests.Dispose();
            throw;
        }
    }

    public async Task<FirewallApplication> RunAsync(
        FirewallApplication application, PipelineWriter writer, CancellationToken cancellationToken)
    {
        (bool confirmed, FirewallTestResult? last) = await new FirewallTrial(new FirewallPlanApplier()).RunAsync(
            application,
            async token =>
            {
                FirewallTestResult result = await TestAsync(token).ConfigureAwait(false);
                writer.Progress(new ProgressRecord(
                    Bar, $"Testing the new way of '{_plan.EngineName}'", $"{result.Verdict}")
                {
                    CurrentOperation = string.Create(
                        CultureInfo.CurrentCulture, $"Undone at {application.RollbackAt?.ToLocalTime():T} if it fails"),
                });
                return result;
            },
            cancellationToken).ConfigureAwait(false);
        writer.Progress(new ProgressRecord(Bar, "Testing the new way", "over")
        {
            RecordType = ProgressRecordType.Completed,
        });
        return application with
        {
            RollbackAt = null,
            Results = [.. application.Results.Select(r => After(r, confirmed, last))],
        };
    }

    public static ScanEngineException Failed(FirewallPlan plan, FirewallApplyResult undone) => new(
        FaultCode.ApplicationUndone,
        $"The rules of the plan for '{plan.EngineName}' were taken back. {undone.Evidence}",
        $"Test-EngineFirewall -Name '{plan.EngineName.Replace("'", "''", StringComparison.Ordinal)}' "
            + $"-Direction {plan.To} shows the stage that fails; then apply the plan again.",
        plan.EngineName);

    public void Dispose() => _requests.Dispose();

    // One end alone may go by the last contact, and that was before the rules.
    private async Task<FirewallTestResult> TestAsync(CancellationToken cancellationToken)
    {
        FirewallTestRequest request = _job.Request() with { LastContact = null };
        FirewallTestResult result = await _job.TestAsync(request, cancellationToken).ConfigureAwait(false);
        if (request.Pins.Count == 0)
        {
            // Anybody could have answered.
            return result with { Succeeded = false };
        }

        // Before the change the other end says no; but it says so over the new way and under its own key, so that
        // nothing drops there.
        return _plan.DryRun && result.Verdict == FirewallVerdict.WrongDirection
            ? result with { Succeeded = true }
            : result;
    }

    private static FirewallApplyResult After(FirewallApplyResult result, bool confirmed, FirewallTestResult? last)
    {
        if (result.Outcome != FirewallApplyOutcome.Applied)
        {
            return result;
        }

        string seen = last is null
            ? "No test came to an end."
            : $"{last.EndPoint}: {last.Verdict}. {last.VerdictDetail}";
        return confirmed
            ? result with { Evidence = $"{result.Evidence} Confirmed by the test from both ends. {seen}" }
            : result with { Outcome = FirewallApplyOutcome.RolledBack, Evidence = Undone + seen };
    }
}
