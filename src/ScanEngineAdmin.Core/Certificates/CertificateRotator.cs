using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Core.Certificates;

/// <summary>
/// Carries the replacement of a running node's certificate: takes up the phase that an admin's session wrote, tells it
/// to every peer that a channel is open to, and ends it when all have heard the end. It remembers nothing that the
/// files and the store do not say, so it goes on after a kill where it was.
/// </summary>
internal sealed class CertificateRotator : IAsyncDisposable
{
    private const int MostAtOnce = 32;
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly NodeCertificate _own;
    private readonly INodeStore _store;
    private readonly ICertificatePeers _peers;
    private readonly TimeProvider _time;
    private readonly Action _lookAgain;
    private readonly CertificateDelivery _delivery;
    private readonly ConcurrentDictionary<Guid, Visit> _visits = new();
    private readonly HashSet<(CertificatePhase, Guid)> _called = [];
    private readonly CancellationTokenSource _stop = new();
    private string? _fault;
    private long _looked;
    private int _due = 1;
    private int _telling;

    public CertificateRotator(
        NodeRole role, Guid nodeId, NodeCertificate own, INodeStore store, ICertificatePeers peers, TimeProvider time,
        Action lookAgain)
    {
        _own = own;
        _store = store;
        _peers = peers;
        _time = time;
        _lookAgain = lookAgain;
        _delivery = new CertificateDelivery(role, nodeId, own, peers, Acknowledged);
        own.Opened = LookSoon;
    }

    /// <summary>Does what is due now; cheap while nothing is replaced.</summary>
    public void Wake()
    {
        try
        {
            if (_own.Refresh(out CertificateRotation? before))
            {
                Changed(before, _own.Rotation);
            }

            // A replacement may wait for a peer for days, among thousands: only now and then without a reason.
            if (_own.Rotation is not { } rotation || _stop.IsCancellationRequested
                || (Interlocked.Exchange(ref _due, 0) == 0 && _time.GetElapsedTime(_looked) < Again))
            {
                return;
            }

            _looked = _time.GetTimestamp();
            List<PairedNode> paired = _peers.List().Where(peer => peer.IsPaired).ToList();
            foreach (PairedNode peer in paired)
            {
                Call(rotation, peer);
            }

            CloseWhenAllHeard(rotation, paired);
            _fault = null;
        }
        catch (Exception exception) when (
            exception is ScanEngineException or IOException or UnauthorizedAccessException)
        {
            if (_fault != exception.Message)
            {
                _fault = exception.Message;
                _peers.Log(LogLevel.Error, Events.CertificateFault, exception.Message);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _own.Opened = null;
        await _stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_visits.Values.Select(visit => visit.Work)).ConfigureAwait(false);
        _stop.Dispose();
    }

    private void Call(CertificateRotation rotation, PairedNode peer)
    {
        IReadOnlyList<PeerChannel> open = _peers.Channels(peer.PairingId);
        PeerChannel? channel = open.FirstOrDefault(one => one.Peer.ShownFingerprint == rotation.Target)
            ?? (open.Count > 0 ? open[^1] : null);
        if (channel is null)
        {
            if (_called.Add((rotation.Phase, peer.PairingId)))
            {
                _peers.Redial(peer.PairingId);
            }

            return;
        }

        if (_visits.TryGetValue(peer.PairingId, out Visit? last))
        {
            bool same = last.Rotation == rotation && ReferenceEquals(last.Channel, channel);
            if (!last.Ended || (same && (last.Done || _time.GetElapsedTime(last.Began) < Again)))
            {
                return;
            }
        }

        if (Volatile.Read(ref _telling) < MostAtOnce)
        {
            Interlocked.Increment(ref _telling);
            var visit = new Visit(rotation, channel, _time.GetTimestamp());
            _visits[peer.PairingId] = visit;
            visit.Work = Task.Run(() => TellAsync(visit, peer), CancellationToken.None);
        }
    }

    [SuppressMessage(
        "Design", "CA1031:Do not catch general exception types", Justification = "A peer's fault is not the others'.")]
    private async Task TellAsync(Visit visit, PairedNode peer)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        try
        {
            visit.Done = await _delivery.RunAsync(visit.Rotation, peer, visit.Channel, limit.Token)
                .WaitAsync(Patience, _time, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            return;
        }
        catch (Exception exception)
        {
            await limit.CancelAsync().ConfigureAwait(false);
            _peers.Log(
                LogLevel.Warning,
                Events.CertificateNotTold,
                $"{peer.Name} was not told of the certificate: {exception.Message}");
        }
        finally
        {
            // Before the look that it asks for: that one must not find it still at work, and wait for another.
            visit.Ended = true;
            Interlocked.Decrement(ref _telling);
        }

        LookSoon();
    }

    private void LookSoon()
    {
        Interlocked.Exchange(ref _due, 1);
        _lookAgain();
    }

    private void CloseWhenAllHeard(CertificateRotation rotation, IReadOnlyList<PairedNode> paired)
    {
        if (rotation.Phase is not (CertificatePhase.Finishing or CertificatePhase.RollingBack)
            || Volatile.Read(ref _telling) > 0)
        {
            return;
        }

        Func<Guid, PeerProgress> progress = _own.Progress.All(rotation);
        if (paired.All(peer => !RotationProgress.Describe(rotation, peer, progress(peer.PairingId)).IsLagging))
        {
            RotationEnd.RevokeSecrets(_store, rotation, _time.GetUtcNow());
            _own.Close(rotation.RotationId);
            if (_own.Refresh(out CertificateRotation? before))
            {
                Changed(before, _own.Rotation);
            }
        }
    }

    private void Changed(CertificateRotation? before, CertificateRotation? now)
    {
        _visits.Where(visit => visit.Value.Ended).ToList().ForEach(visit => _visits.TryRemove(visit));
        _called.Clear();
        _due = 1;
        if (now is not null)
        {
            _peers.Log(
                LogLevel.Information,
                $"Certificate{now.Phase}",
                $"Replacement of the certificate is {now.Phase}: old {now.Old}, new {now.New}.");
            return;
        }

        if (before is not null)
        {
            string name = RotationEnd.Name(before);
            Audit(name, string.Empty, $"{before.Target}");
            _own.Progress.Clear();
            _peers.Log(LogLevel.Information, name, $"The node's only certificate is {_own.Keys.Present.Fingerprint}.");
        }
    }

    private void Acknowledged(PairedNode peer, Fingerprint announced)
    {
        Audit(Events.CertificateAcknowledged, peer.Name, $"{announced}", peer.PairingId);
        _peers.Log(
            LogLevel.Information, Events.CertificateAcknowledged, $"{peer.Name} knows the certificate {announced}.",
            peer.PairingId);
    }

    private void Audit(string name, string subject, string detail, Guid? pairingId = null) =>
        _store.AddEvent(new AuditEvent
        {
            Time = _time.GetUtcNow(),
            Class = pairingId is null ? AuditClass.Admin : AuditClass.Peer,
            Event = name,
            PairingId = pairingId,
            Subject = subject,
            Actor = "this node",
            Detail = detail,
        });

    private sealed class Visit(CertificateRotation rotation, PeerChannel channel, long began)
    {
        private volatile bool _done;
        private volatile bool _ended;

        public CertificateRotation Rotation { get; } = rotation;

        public PeerChannel Channel { get; } = channel;

        public long Began { get; } = began;

        public Task Work { get; set; } = Task.CompletedTask;

        public bool Done
        {
            get => _done;
            set => _done = value;
        }

        public bool Ended
        {
            get => _ended;
            set => _ended = value;
        }
    }
}
