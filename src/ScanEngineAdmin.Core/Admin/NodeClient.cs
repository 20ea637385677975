using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Core.Pairing;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Pairing;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Firewall.Providers;
using ScanEngineAdmin.Firewall.Rehearsal;

namespace ScanEngineAdmin.Core.Admin;

/// <summary>What an admin's session does to a node of either kind: writes, notes who did it, rings, watches.</summary>
internal sealed class NodeClient(NodeRole role, DataFolder root, string folder, INodeStore store, TimeProvider time)
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestCleanUp = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan LongestSecret = TimeSpan.FromDays(30);

    public TimeProvider Time => time;

    public string Actor { get; } = $"{Environment.UserName}@{Environment.MachineName}";

    /// <summary>What this host's firewall tools say: asked once for a run, or for one question where there is
    /// none.</summary>
    public FirewallAnswers Answers(FirewallAnswers? ofRun)
    {
        FirewallAnswers answers = ofRun ?? new FirewallAnswers();
        answers.NodeUser ??= SocketUser.OfNode(folder, IsRunning ? store.GetNode()?.ProcessId : null);
        return answers;
    }

    public bool IsRunning => FolderLock.IsHeld(folder);

    public string FolderPath => folder;

    public NodeInfo Describe() => new(IsRunning, store.GetNode(), IdentityFile.ReadFingerprint(folder), root.Root);

    public (Guid NodeId, NodeIdentity Identity) Identity() => IdentityFile.LoadOrCreate(folder, time);

    /// <summary>For a session that dials peers in this node's name.</summary>
    public ShownKeys Keys() => ShownKeys.Load(folder, store, time);

    /// <summary>
    /// Notes the change that was just written, and tells the running node that there is something to see.
    /// </summary>
    public void Done(string name, Guid? pairingId, string subject, string detail = "")
    {
        store.AddEvent(Note(name, pairingId, subject, detail));
        Ring();
    }

    /// <summary>The note alone, for what is written together with it.</summary>
    public AuditEvent Note(string name, Guid? pairingId, string subject, string detail = "") => new()
    {
        Time = time.GetUtcNow(),
        Class = AuditClass.Admin,
        Event = name,
        PairingId = pairingId,
        Subject = subject,
        Actor = Actor,
        Detail = detail,
    };

    public void Ring() => Doorbell.Ring(folder);

    /// <summary>
    /// Something was removed. A running node removes what belongs to it; where none runs it is done here, as far as it
    /// goes in the time that an admin waits, and by the next one.
    /// </summary>
    public void CleanUp()
    {
        if (IsRunning)
        {
            return;
        }

        try
        {
            for (long started = time.GetTimestamp(); time.GetElapsedTime(started) < LongestCleanUp && store.CleanUp();)
            {
            }
        }
        catch (ScanEngineException)
        {
            // What an admin asked for is done; this goes on with the next command or start.
        }
    }

    public (SecretRecord Record, PairingSecret Secret) CreateSecret(
        TimeSpan expiresIn, string? engineName, bool singleUse, int? maxUses)
    {
        if (expiresIn <= TimeSpan.Zero || expiresIn > LongestSecret)
        {
            throw new ScanEngineException(
                FaultCode.OptionInvalid,
                $"A pairing secret cannot be valid for {expiresIn}.",
                $"Use -ExpiresIn with up to {LongestSecret.TotalDays} days, as 1h.",
                $"{expiresIn}");
        }

        // A name belongs to one engine.
        string? bound = engineName is null ? null : EngineName.Validate(engineName);
        int uses = maxUses ?? (singleUse || bound is not null ? 1 : SecretRecord.DefaultMaxUses);
        if (uses is < 1 or > SecretRecord.MostUses || (singleUse && uses != 1))
        {
            throw new ScanEngineException(
                FaultCode.OptionInvalid,
                $"A pairing secret cannot be for {uses} uses{(singleUse ? " and for a single one" : string.Empty)}.",
                $"Use -MaxUses with 1 to {SecretRecord.MostUses}, or -SingleUse.",
                $"{uses}");
        }

        (_, NodeIdentity identity) = Identity();
        using (identity)
        {
            PairingSecret secret = PairingSecret.Create(identity.Fingerprint);
            SecretRecord record = secret.ToRecord(time.GetUtcNow(), expiresIn, bound, uses);
            store.AddSecret(record);
            Done(
                Events.SecretCreated,
                null,
                bound ?? string.Empty,
                $"{record.SecretId:D}, for {uses} uses, until {record.ExpiresAt:u}");
            return (record, secret);
        }
    }

    /// <summary>What throwing a peer out took along.</summary>
    public static string Ended(IReadOnlyList<Guid> secrets) => secrets.Count == 0
        ? string.Empty
        : $"ended the secrets that it used: {string.Join(", ", secrets.Select(secret => $"{secret:D}"))}";

    public void RevokeSecret(Guid secretId)
    {
        if (!store.RevokeSecret(secretId, time.GetUtcNow()))
        {
            throw new ScanEngineException(
                FaultCode.SecretNotFound,
                $"There is no pairing secret {secretId:D} here.",
                "Get-EnginePairingSecret lists those that there are.",
                $"{secretId:D}");
        }

        Done(Events.SecretRevoked, null, string.Empty, $"{secretId:D}");
    }

    public async Task<bool> StopAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (!IsRunning)
        {
            return false;
        }

        long started = time.GetTimestamp();
        Guid? asked = null;
        while (IsRunning)
        {
            // One that has only just taken the folder writes its boot id a moment later: that one is meant too.
            if (store.GetNode() is { } node && node.BootId != asked)
            {
                asked = node.BootId;
                store.UpdateNode(current => current with { StopRequested = current.BootId });
                Done(Events.StopRequested, null, $"{role}", $"process {node.ProcessId}");
            }

            if (time.GetElapsedTime(started) >= timeout)
            {
                throw new ScanEngineException(
                    FaultCode.TimedOut,
                    $"The {role} on {root.Root} has not stopped within {timeout.TotalSeconds:0.#} s.",
                    store.GetNode() is { } still
                        ? $"It is process {still.ProcessId} ({still.HostedBy})."
                        : "Try again.",
                    root.Root);
            }

            await Task.Delay(Period, time, cancellationToken).ConfigureAwait(false);
        }

        return true;
    }

    /// <summary>As <see cref="StoreWaiter.WaitAsync{T}"/>.</summary>
    public Task<T?> WatchAsync<T>(
        Func<T> read, Func<T, bool> until, TimeSpan timeout, Action<T>? progress, CancellationToken cancellationToken)
        where T : class =>
        new StoreWaiter(store, time).WaitAsync(read, until, timeout, progress, cancellationToken);
}
