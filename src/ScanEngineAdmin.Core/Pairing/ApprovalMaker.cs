namespace ScanEngineAdmin.Core.Pairing;

/// <summary>The accepting side of a pairing by approval: lists the asker, and tells it how far its admin is.</summary>
internal sealed class ApprovalMaker(PairingSelf self, IPairingLedger ledger)
{
    internal async Task<bool> AnswerAsync(
        IPairingMessages messages, PairedPeer peer, CancellationToken cancellationToken)
    {
        (Guid pairingId, bool approved) = ledger.Ask(peer);
        var status = new ApprovalStatus
        {
            Approved = approved,
            NodeId = self.NodeId,
            Role = self.Role,
            Name = self.Name,
            Product = self.Product,
            PairingId = pairingId,
        };
        await messages.SendAsync(status, cancellationToken).ConfigureAwait(false);
        return approved;
    }
}
