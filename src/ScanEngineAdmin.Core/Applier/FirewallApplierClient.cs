using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Core.Applier;

/// <summary>
/// A node's side of its host's firewall applier: it asks by a row in its own store and waits for the answer in it.
/// Whether an applier is there is an OS lock that the kernel frees however its process dies.
/// </summary>
internal sealed class FirewallApplierClient(INodeStore store, string folder, TimeProvider time)
{
    /// <summary>The applier's lock in the node's folder; the node provides the file.</summary>
    public const string LockName = "applier.lock";

    // A peer may ask as often as it likes: so long one answer serves.
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LookPatience = TimeSpan.FromSeconds(15);

    public bool IsAlive => FolderLock.IsHeld(folder, LockName);

    /// <summary>Once, by the node: from then on an applier can be there.</summary>
    public void Provide() => FolderLock.Provide(folder, LockName);

    public FirewallRequest Ask(Guid pairingId, Guid changeId, FirewallAction action, TimeSpan lifetime)
    {
        FirewallRequest asked = store.AskFirewall(new FirewallRequest
        {
            ChangeId = changeId,
            PairingId = pairingId,
            Action = action,
            Lifetime = lifetime,
            Asked = time.GetUtcNow(),
        });
        Doorbell.RingApplier(folder);
        return asked;
    }

    /// <summary>Asks and waits for the answered row; null when the answer has taken too long.</summary>
    public Task<FirewallRequest?> AskAsync(
        Guid pairingId, Guid changeId, FirewallAction action, TimeSpan lifetime, TimeSpan patience,
        CancellationToken cancellationToken)
    {
        FirewallRequest asked = Ask(pairingId, changeId, action, lifetime);
        return AnswerAsync(
            changeId, row => row.Number >= asked.Number && row.State != FirewallRequestState.Asked, patience,
            cancellationToken);
    }

    /// <summary>
    /// What the host's filter does with one way of a pairing, looked at by the applier; null when there is none, it has
    /// taken too long, or the pairing has no such way.
    /// </summary>
    public async Task<(FirewallTestOutcome Result, string Evidence, string Recommendation)?> LookAsync(
        NodeRole role, Guid pairingId, RuleFlow flow, int port, RuleFamily family, CancellationToken cancellationToken)
    {
        if (!IsAlive)
        {
            return null;
        }

        FirewallRequest? answer = store.GetFirewallRequest(pairingId);
        if (answer is not { Action: FirewallAction.Look, IsDone: true, Answered: { } at }
            || time.GetUtcNow() - at > Fresh)
        {
            answer = await AskAsync(
                pairingId, pairingId, FirewallAction.Look, TimeSpan.Zero, LookPatience, cancellationToken)
                .ConfigureAwait(false);
        }

        string id = FirewallRuleId.For(role, pairingId, flow, port, family);
        return answer?.Rules.FirstOrDefault(rule => rule.RuleId == id) is not { } seen ? null : (
            seen.Outcome switch
            {
                FirewallApplyOutcome.AlreadyPresent => FirewallTestOutcome.Passed,
                FirewallApplyOutcome.Failed => FirewallTestOutcome.Failed,
                _ => FirewallTestOutcome.Unknown,
            },
            seen.Evidence, string.Empty);
    }

    /// <summary>
    /// Waits until the row is as asked; null when it is not in that time, or there is no such row.
    /// </summary>
    public Task<FirewallRequest?> AnswerAsync(
        Guid changeId, Func<FirewallRequest, bool> until, TimeSpan patience, CancellationToken cancellationToken) =>
        new StoreWaiter(store, time).WaitAsync(
            () => store.GetFirewallRequest(changeId), until, patience, progress: null, cancellationToken);

    /// <summary>
    /// Asks to close whatever was opened for a change that is over: after a restart, or when nobody did.
    /// </summary>
    public void CloseWhere(Func<FirewallRequest, bool> isOver)
    {
        foreach (FirewallRequest request in store.ListOpenFirewall().Where(isOver))
        {
            Ask(request.PairingId, request.ChangeId, FirewallAction.Close, request.Lifetime);
        }
    }
}
