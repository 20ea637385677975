using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Direction;
using ScanEngineAdmin.Core.Engines;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Core.Pairing;

namespace ScanEngineAdmin.Core.Console;

/// <summary>The console's dialling of one standard engine: bounded in number, backing off, its failures in the status.</summary>
internal sealed class EngineDial(ConsoleContext node, EngineLink link)
{
    private int _failures;
    private DateTimeOffset _notBefore;

    /// <summary>How long the back-off still lasts; null if there is none.</summary>
    public TimeSpan? Wait => _failures == 0 ? null : _notBefore - node.Now;

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
            Failed(engine, exception);
            return false;
        }
    }

    /// <summary>Dials the engine at its address (under a change: at the new one) and attaches the channel.</summary>
    public async Task DialAsync(EngineRecord engine, ChangeRecord? change, CancellationToken cancellationToken)
    {
        string host = change?.Address ?? engine.Address ?? engine.ObservedAddress
            ?? throw new ChannelException(
                ChannelFault.NameNotResolved, ChannelStage.Name, engine.Name, $"Engine {engine.Name} has no address to dial.");
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
            PeerChannel channel = await node.Dialer.OpenChannelAsync(
                target, node.Hello(facts), new ConsolePeerHandler(node, link), cancellationToken).ConfigureAwait(false);
            if (channel.Peer.Hello.Role != NodeRole.Engine || channel.Peer.Hello.NodeId != engine.EngineId)
            {
                await channel.CloseAsync(RefusalCode.IdentityConflict, "Another node id than the paired one.").ConfigureAwait(false);
                throw new ChannelException(
                    ChannelFault.PeerNotTrusted,
                    ChannelStage.Identity,
                    target.EndPoint,
                    $"The node at {target.EndPoint} has engine {engine.Name}'s key but another node id.");
            }

            await link.AttachAsync(channel, cancellationToken).ConfigureAwait(false);
            _failures = 0;
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
        try
        {
            await node.DialGate.WaitAsync(cancellationToken).ConfigureAwait(false);
            ApprovalAnswer answer;
            try
            {
                answer = await ApprovalUser.AskAsync(
                    node.Dialer, target, node.Hello(new HelloFacts { PairingId = engine.PairingId }), engine, cancellationToken)
                    .ConfigureAwait(false);
            }
            finally
            {
                node.DialGate.Release();
            }

            return Answered(engine, answer);
        }
        catch (ChannelException exception)
        {
            Failed(engine, exception);
            return TimeSpan.FromTicks(Math.Min(Wait!.Value.Ticks, TimeSpan.FromSeconds(10).Ticks));
        }
    }

    private TimeSpan Answered(EngineRecord engine, ApprovalAnswer answer)
    {
        _failures = 0;
        bool confirmed = engine.Pins.Contains(answer.Fingerprint);
        EngineRecord? updated = node.Store.UpdateEngine(engine.PairingId, current => current with
        {
            EngineId = answer.NodeId,
            ObservedFingerprint = answer.Fingerprint,
            ObservedAddress = answer.ObservedAddress,
            ApprovedByEngine = answer.Approved,
            Version = answer.Product,
            State = answer.Approved && current.Pins.Contains(answer.Fingerprint) ? EngineState.Paired : current.State,
        });
        if (updated?.State == EngineState.Paired)
        {
            node.Audit("Paired", updated, answer.ObservedAddress, "by approval");
            return TimeSpan.Zero;
        }

        string detail = (answer.Approved, confirmed) switch
        {
            (false, true) => $"The engine's admin has still to approve this console (fingerprint {node.Identity.Fingerprint}).",
            (false, false) =>
                $"The engine's admin has still to approve this console (fingerprint {node.Identity.Fingerprint}), "
                + $"and its identity is not confirmed here (fingerprint {answer.Fingerprint}).",
            _ => $"Engine identity not confirmed: compare its fingerprint {answer.Fingerprint} and run Approve-ScanEngine.",
        };
        TimeSpan again = TimeSpan.FromSeconds(5);
        link.NotContacted(CommunicationStatus.PendingAuthorization, detail, node.Now + again);
        return again;
    }

    private void Failed(EngineRecord engine, ChannelException exception)
    {
        _failures++;
        TimeSpan wait = Backoff.After(_failures, node.Options.MinRetry, node.Options.MaxRetry, node.Random);
        if (exception.Refusal?.RetryAfter is { } hint && hint > wait)
        {
            wait = hint;
        }

        _notBefore = node.Now + wait;
        FaultCode code = ChannelFaults.ToFaultCode(exception);
        CommunicationStatus status = code switch
        {
            FaultCode.ApprovalPending or FaultCode.NotPaired => CommunicationStatus.PendingAuthorization,
            FaultCode.IncompatibleVersion => CommunicationStatus.Incompatible,
            _ => CommunicationStatus.NotResponding,
        };
        link.NotContacted(status, $"{code}: {exception.Message}", _notBefore);
        node.Log(
            LogLevel.Warning,
            "DialFailed",
            $"Dialling engine {engine.Name} failed at stage {exception.Stage}: {exception.Message}",
            ("engine", engine.Name),
            ("endpoint", exception.EndPoint),
            ("fault", code.ToString()),
            ("again", _notBefore.ToString("O")));
    }
}
