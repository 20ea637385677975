using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Firewall.Applying;

namespace ScanEngineAdmin.Core.Diagnosis;

/// <summary>
/// Watches over an application that undoes itself: tests the way it opens, again and again, and confirms it at the
/// first test that both ends pass. It undoes nothing: a process of its own does, whatever becomes of this one.
/// </summary>
internal sealed class FirewallTrial
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    // The undo itself takes its time, with the slow ones of the tools.
    private static readonly TimeSpan LongestUndo = TimeSpan.FromSeconds(60);

    private readonly FirewallPlanApplier _applier;
    private readonly TimeProvider _time;

    public FirewallTrial(FirewallPlanApplier applier)
        : this(applier, TimeProvider.System)
    {
    }

    internal FirewallTrial(FirewallPlanApplier applier, TimeProvider time)
    {
        _applier = applier;
        _time = time;
    }

    /// <param name="application">What waits to be confirmed.</param>
    /// <param name="test">Tests the way from both ends.</param>
    /// <param name="cancellationToken">Ends the watching; then it is undone in its time.</param>
    /// <returns>Whether it stays, and the last test; null when none came to an end.</returns>
    public async Task<(bool Confirmed, FirewallTestResult? Last)> RunAsync(
        FirewallApplication application, Func<CancellationToken, Task<FirewallTestResult>> test,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(application);
        ArgumentNullException.ThrowIfNull(test);
        if (application.RollbackAt is not { } end)
        {
            return (true, null);
        }

        FirewallTestResult? last = null;
        while (end - _time.GetUtcNow() is { Ticks: > 0 } left)
        {
            // A test that takes longer than there is time cannot be waited for.
            using var limit = new CancellationTokenSource(left, _time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
            try
            {
                last = await test(either.Token).ConfigureAwait(false);
                if (last.Succeeded)
                {
                    return (await ConfirmAsync(application.Id, cancellationToken).ConfigureAwait(false), last);
                }

                if (_time.GetUtcNow() < end && _applier.IsOver(application.Id))
                {
                    // Not undone yet and not waiting any more: somebody has confirmed it by hand.
                    return (true, last);
                }

                await Task.Delay(Pause, _time, either.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                break;
            }
        }

        await UndoneAsync(application.Id, end + LongestUndo, cancellationToken).ConfigureAwait(false);
        return (false, last);
    }

    private async Task<bool> ConfirmAsync(string id, CancellationToken cancellationToken)
    {
        try
        {
            await _applier.ConfirmAsync(id, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (ScanEngineException fault) when (fault.Code == FaultCode.ApplicationUndone)
        {
            return false;
        }
        catch (ScanEngineException fault) when (fault.Code == FaultCode.ApplicationNotFound)
        {
            // Somebody was faster: confirmed by hand.
            return true;
        }
    }

    /// <summary>Awaited before the outcome is reported: the report says "undone" of what is undone.</summary>
    private async Task UndoneAsync(string id, DateTimeOffset until, CancellationToken cancellationToken)
    {
        while (_time.GetUtcNow() < until)
        {
            await Task.Delay(Pause, _time, cancellationToken).ConfigureAwait(false);
            if (_applier.IsOver(id))
            {
                return;
            }
        }
    }
}
