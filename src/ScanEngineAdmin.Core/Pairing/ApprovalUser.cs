using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Faults;

namespace ScanEngineAdmin.Core.Pairing;

/// <summary>
/// The dialling side of a pairing by approval. It may dial without a pin, to learn whom it meets; what it learns is a
/// claim until this side's own admin has compared the fingerprint.
/// </summary>
internal sealed class ApprovalUser(PairingSelf self)
{
    /// <summary>Asks once.</summary>
    /// <param name="messages">The connection.</param>
    /// <param name="engineName">The engine's name at the console.</param>
    /// <param name="pairingId">The pairing's number, from a console; null from an engine.</param>
    /// <param name="confirmed">
    /// The identities that this side's admin has confirmed: only one of them is told that it is confirmed.
    /// </param>
    /// <param name="dialled">Where it was dialled.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whom it met, and whether the admin there has confirmed this node.</returns>
    /// <exception cref="ChannelException">Denied, or the connection broke.</exception>
    /// <exception cref="ScanEngineException">WrongRole, ProtocolViolation.</exception>
    internal async Task<(PairedPeer Peer, bool Approved)> AskAsync(
        IPairingMessages messages,
        string engineName,
        Guid? pairingId,
        IReadOnlyCollection<Fingerprint> confirmed,
        DialTarget dialled,
        CancellationToken cancellationToken)
    {
        bool console = self.Role == NodeRole.Console;
        var begin = new PairingBegin
        {
            NodeId = self.NodeId,
            Role = self.Role,
            Name = self.Name,
            Product = self.Product,
            EngineName = engineName,
            Direction = console ? CommunicationDirection.ConsoleToEngine : CommunicationDirection.EngineToConsole,
            PairingId = pairingId,
            Epoch = pairingId is null ? null : 0,
            Confirmed = confirmed.Contains(messages.PeerFingerprint),
        };
        await messages.SendAsync(begin, cancellationToken).ConfigureAwait(false);
        ApprovalStatus status = await ReceiveAsync(messages, dialled, cancellationToken).ConfigureAwait(false);
        if (status.Role == self.Role)
        {
            throw new ScanEngineException(
                FaultCode.WrongRole,
                $"{dialled.EndPoint} is a {self.Role} like this node.",
                "Dial a node of the other kind.",
                dialled.EndPoint);
        }

        var peer = new PairedPeer
        {
            PairingId = status.PairingId,
            Epoch = 0,
            PeerRole = status.Role,
            PeerNodeId = status.NodeId,
            PeerName = status.Name,
            PeerFingerprint = messages.PeerFingerprint,
            EngineName = engineName,
            Direction = begin.Direction,
            Product = status.Product,
            ObservedAddress = messages.RemoteAddress,
            DialledAddress = dialled.Host,
            DialledPort = dialled.Port,
            ConfirmedByPeer = status.Approved,
        };
        return (peer, status.Approved);
    }

    private static async Task<ApprovalStatus> ReceiveAsync(
        IPairingMessages messages, DialTarget dialled, CancellationToken cancellationToken)
    {
        try
        {
            return await messages.ReceiveAsync<ApprovalStatus>(cancellationToken).ConfigureAwait(false);
        }
        catch (FormatException e)
        {
            throw new ScanEngineException(
                FaultCode.ProtocolViolation,
                $"{dialled.EndPoint} answered what is no pairing.",
                "Update the older of the two nodes.",
                dialled.EndPoint,
                e);
        }
    }
}
