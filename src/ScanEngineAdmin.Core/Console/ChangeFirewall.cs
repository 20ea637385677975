using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Firewall;

namespace ScanEngineAdmin.Core.Console;

/// <summary>
/// How the firewalls follow a change: the console's own host opens before the engine is asked for anything, stays open
/// both ways from the decision on, and closes what is not needed after the engine has acknowledged the outcome. The
/// engine's host is the engine's; only its report is kept here.
/// </summary>
internal sealed class ChangeFirewall(ConsoleContext node)
{
    // Longer than the change and the report of its outcome may take: until then the commit has confirmed the rules.
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    /// <summary>How long a change waits until the applier has opened for those before it.</summary>
    public static TimeSpan LongestTurn { get; } = TimeSpan.FromMinutes(30);

    /// <summary>Null when this host is open; else why not, and then nothing was touched at the engine.</summary>
    public async Task<(FaultCode Fault, string Detail)?> OpenAsync(
        ChangeRecord change, CancellationToken cancellationToken)
    {
        if (!node.Firewall.IsAlive)
        {
            return (FaultCode.ApplierNotRunning, "Firewall: no applier runs on the console's host: nothing changed.");
        }

        TimeSpan patience = change.Timeout / 2;
        FirewallRequest? answer = await node.Firewall.AskAsync(
            change.PairingId, change.ChangeId, FirewallAction.Open, change.Timeout + Margin,
            patience < LongestWait ? patience : LongestWait, cancellationToken).ConfigureAwait(false);
        return answer switch
        {
            null => (FaultCode.TimedOut, "Firewall: the applier on the console's host did not answer in time. "
                + "Look at: its own log on this host; the engine was asked for nothing."),
            { IsDone: true } => null,
            _ => (answer.Fault ?? FaultCode.FirewallRuleFailed,
                $"Firewall: the console's host was not opened: {answer.Detail} {answer.Recommendation}".TrimEnd()),
        };
    }

    /// <summary>What the engine is asked to do with its own; null when it would not understand.</summary>
    public static PrepareFirewall? Ask(ChangeRecord change, HelloFacts engine) =>
        change.ApplyFirewall && engine.ApplierRuns is not null
            ? new PrepareFirewall
            {
                LifetimeSeconds = (int)(change.Timeout + Margin).TotalSeconds,
                PatienceSeconds = (int)Math.Clamp(change.Timeout.TotalSeconds / 3, 1, 20),
            }
            : null;

    /// <summary>What the engine said of its own firewall; for a change without, nothing.</summary>
    public static FirewallReport? Report(ChangeRecord change, DirectionPrepared prepared, HelloFacts engine) =>
        !change.ApplyFirewall ? null
        : prepared.Firewall is { } said ? said.ToReport()
        : new FirewallReport
        {
            Detail = engine.ApplierRuns is null
                ? "The engine is of a version without firewall appliers: its host's rules are its admin's to apply."
                : "The engine said nothing of its firewall: its host's rules are its admin's to apply.",
        };

    /// <summary>
    /// Whatever is not as the changes say, however far it had come when this console was stopped or killed.
    /// </summary>
    public void Settle()
    {
        // Before the changes: one that is asked for meanwhile would seem to have no change.
        IReadOnlyList<FirewallRequest> requests = node.Store.ListOpenFirewall();
        if (requests.Count == 0)
        {
            return;
        }

        Dictionary<Guid, ChangeRecord> open = node.Store.ListChanges(openOnly: true)
            .ToDictionary(change => change.ChangeId);
        foreach (FirewallRequest request in requests)
        {
            if (!open.TryGetValue(request.ChangeId, out ChangeRecord? change))
            {
                Ask(request, FirewallAction.Close);
            }
            else if (change.State == ChangeState.Committed && request is { IsDone: true, RollbackAt: not null })
            {
                // Decided for the new way: it must not be undone while the engine has only that one left.
                Ask(request, FirewallAction.Open);
            }
        }
    }

    private void Ask(FirewallRequest request, FirewallAction action) =>
        node.Firewall.Ask(request.PairingId, request.ChangeId, action, request.Lifetime);
}
