using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Core.Pairing;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Nodes;

namespace ScanEngineAdmin.Core.Console;

/// <summary>
/// The console's dialling of one standard engine: bounded in number, backing off, its failures in the status.
/// </summary>
internal sealed class EngineDialer(ConsoleContext node, EngineLink link)
{
    private static readonly TimeSpan ApprovalRetry = TimeSpan.FromSeconds(5);

    // An engine that does not answer is asked less often, but its admin, who starts it to be paired, must not wait for
    // minutes.
    private static readonly TimeSpan LongestApprovalRetry = TimeSpan.FromSeconds(30);

    private int _failures;
    private DateTimeOffset _notBefore;
    private (string? Address, int Port) _failedAt;

    /// <summary>
    /// How long the back-off still lasts; null if there is none, or the engine is to be dialled elsewhere now.
    /// </summary>
    public TimeSpan? Wait(EngineRecord engine) =>
        _failures == 0 || _failedAt != (engine.Address, engine.Port) ? null : _notBefore - node.Steady;

    /// <summary>Forgets the failures: they say nothing any more.</summary>
    public void Forget() => _failures = 0;

    /// <summary>
    /// The engine let another connection with this console's key take over: a second console with the same identity.
    /// Two that took over from each other in turn would keep the engine busy and neither of them connected.
    /// </summary>
    public void HoldOff()
    {
        if (node.Store.GetEngine(link.PairingId) is { } engine)
        {
            Failed(engine, new ScanEngineException(
                FaultCode.IdentityConflict,
                $"Another console with this one's identity has taken over the connection to engine {engine.Name}.",
                "A data folder was copied: stop one of the two consoles, and pair it again with a folder of its own.",
                engine.Name), node.Options.ProbeInterval);
            node.Audit(
                Events.IdentityTwice,
                engine,
                engine.ObservedAddress ?? string.Empty,
                "another console has this one's identity");
        }
    }

    /// <summary>Dials and attaches the channel; false (and a longer wait) if that failed.</summary>
    public async Task<bool> TryDialAsync(EngineRecord engine, CancellationToken cancellationToken)
    {
        try
        {
            await DialAsync(engine, null, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (ChannelException exception)
        {
            Failed(engine, ChannelFaults.ToError(exception, engine.Name));
            return false;
        }
    }

    /// <summary>
    /// Opens a channel beside the one that is open, which goes then; if it cannot be opened, nothing has changed.
    /// </summary>
    public async Task TryRedialAsync(EngineRecord engine, CancellationToken cancellationToken)
    {
        try
        {
            await DialAsync(engine, null, cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelException exception)
        {
            node.Log(
                LogLevel.Warning,
                Events.RedialFailed,
                $"A new channel to engine {engine.Name} is not open yet: {exception.Message}",
                ("pairing", engine.PairingId.ToString("D")));
        }
    }

    /// <summary>Dials the engine at its address (under a change: at the new one) and attaches the channel.</summary>
    public async Task DialAsync(EngineRecord engine, ChangeRecord? change, CancellationToken cancellationToken)
    {
        string host = change?.Address ?? engine.Address ?? engine.ObservedAddress
            ?? throw new ChannelException(
                ChannelFault.NameNotResolved,
                ChannelStage.Name,
                engine.Name,
                $"Engine {engine.Name} has no address to dial.");
        var target = new DialTarget(host, change?.Port ?? engine.Port, engine.Pins);
        var facts = new HelloFacts
        {
            PairingId = engine.PairingId,
            Direction = engine.Direction,
            Epoch = engine.Epoch,
            ChangeId = change?.ChangeId,
        };
        await node.DialGate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // The engine closes its older channel for the new one: that is no other console's doing.
            link.Channels.FindAll(entry => entry.Channel.Peer.Dialled).ForEach(entry => entry.Superseded = true);
            PeerChannel channel = await CertificateDial.OpenAsync(
                node.Dialer, node.Certificate.ForDial(engine.PairingId), target, node.Hello(facts),
                new ConsolePeerHandler(node, link), cancellationToken).ConfigureAwait(false);
            if (channel.Peer.Hello.Role != NodeRole.Engine || channel.Peer.Hello.NodeId != engine.EngineId)
            {
                await channel.CloseAsync(RefusalCode.IdentityConflict, "Another node id than the paired one.")
                    .ConfigureAwait(false);
                throw new ChannelException(
                    ChannelFault.PeerNotTrusted,
                    ChannelStage.Identity,
                    target.EndPoint,
                    $"The node at {target.EndPoint} has engine {engine.Name}'s key but another node id.");
            }

            await link.Entrance.AttachAsync(channel, cancellationToken).ConfigureAwait(false);
            _failures = 0;
        }
        catch (ChannelException exception) when (exception.Refusal?.Code == RefusalCode.WrongDirection)
        {
            EngineReport.RefusedDial(node, engine);
            throw;
        }
        finally
        {
            node.DialGate.Release();
        }
    }

    /// <summary>
    /// Asks a registered engine whether its admin has approved this console, and learns its identity. Returns how long
    /// to wait until the next time.
    /// </summary>
    public async Task<TimeSpan> AskForApprovalAsync(EngineRecord engine, CancellationToken cancellationToken)
    {
        var target = new DialTarget(engine.Address!, engine.Port, engine.Pins);
        NodeIdentity own = node.Certificate.ForPairing(engine.Registered);
        await node.DialGate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            PairingConnection connection = await node.Dialer.OpenPairingAsync(
                own, target, node.Hello(new HelloFacts { PairingId = engine.PairingId }), cancellationToken)
                    .ConfigureAwait(false);
            await using (connection.ConfigureAwait(false))
            {
                PairingSelf self = node.Self(own.Fingerprint);
                (PairedPeer peer, bool approved) = await new ApprovalUser(self).AskAsync(
                    new DialledPairing(connection),
                    engine.Name,
                    engine.PairingId,
                    engine.Pins,
                    target,
                    cancellationToken)
                    .ConfigureAwait(false);
                return Answered(engine, own.Fingerprint, peer, approved);
            }
        }
        catch (ChannelException exception)
        {
            return Failed(engine, ChannelFaults.ToError(exception, engine.Name));
        }
        catch (ScanEngineException exception)
        {
            // What answers there is no engine, or speaks no pairing.
            return Failed(engine, exception);
        }
        finally
        {
            node.DialGate.Release();
        }
    }

    private TimeSpan Answered(EngineRecord engine, Fingerprint own, PairedPeer peer, bool approved)
    {
        _failures = 0;
        bool confirmed = engine.Pins.Contains(peer.PeerFingerprint);
        EngineRecord? updated = node.Store.UpdateEngine(engine.PairingId, current => current with
        {
            EngineId = peer.PeerNodeId,
            ObservedFingerprint = peer.PeerFingerprint,
            ObservedAddress = peer.ObservedAddress?.ToString(),
            ApprovedByEngine = approved,
            Version = peer.Product,
            State = approved && current.Pins.Contains(peer.PeerFingerprint) ? EngineState.Paired : current.State,
        });
        if (updated?.State == EngineState.Paired)
        {
            string at = updated.ObservedAddress ?? string.Empty;
            node.Audit(Events.Paired, updated, at, "by approval", AuditClass.Pairing);
            return TimeSpan.Zero;
        }

        string detail = (approved, confirmed) switch
        {
            (false, true) => $"The engine's admin has still to approve this console (fingerprint {own}).",
            (false, false) =>
                $"The engine's admin has still to approve this console (fingerprint {own}), "
                + $"and its identity is not confirmed here (fingerprint {peer.PeerFingerprint}).",
            _ => $"Engine identity not confirmed: compare its fingerprint {peer.PeerFingerprint} and run "
                + "Approve-ScanEngine.",
        };
        link.Contact.Failed(CommunicationStatus.PendingAuthorization, detail, node.Steady + ApprovalRetry);
        return ApprovalRetry;
    }

    private TimeSpan Failed(EngineRecord engine, ScanEngineException error, TimeSpan least = default)
    {
        var fault = error.InnerException as ChannelException;
        _failures++;
        _failedAt = (engine.Address, engine.Port);
        TimeSpan longest = engine.State == EngineState.Paired || node.Options.MaxRetry < LongestApprovalRetry
            ? node.Options.MaxRetry : LongestApprovalRetry;
        TimeSpan wait = Backoff.After(_failures, node.Options.MinRetry, longest, Random.Shared);
        if (fault?.Refusal?.RetryAfter is { } hint && hint > wait)
        {
            wait = hint;
        }

        wait = wait > least ? wait : least;
        _notBefore = node.Steady + wait;
        CommunicationStatus status = error.Code switch
        {
            FaultCode.ApprovalPending or FaultCode.NotPaired => CommunicationStatus.PendingAuthorization,
            FaultCode.IncompatibleVersion => CommunicationStatus.Incompatible,
            _ => CommunicationStatus.NotResponding,
        };
        link.Contact.Failed(status, $"{error.Code}: {error.Message}", _notBefore);
        node.Log(
            LogLevel.Warning,
            Events.DialFailed,
            $"Dialling engine {engine.Name} failed"
                + $"{(fault is null ? string.Empty : $" at stage {fault.Stage}")}: {error.Message}",
            ("pairing", engine.PairingId.ToString("D")),
            ("engine", engine.Name),
            ("endpoint", fault?.EndPoint ?? string.Empty),
            ("fault", error.Code.ToString()),
            ("again", node.Shown(_notBefore).ToString("O")));
        return wait;
    }
}
