using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Faults;

namespace ScanEngineAdmin.Core.Pairing;

/// <summary>
/// Where a node writes down whom it is paired with: the console's and the engine's store are the two of it.
/// </summary>
internal interface IPairingLedger
{
    /// <summary>
    /// The number that this side gives a pairing with that node, and the epoch it begins at; null where the other side
    /// gives it. The same node with the same key keeps its number, so that an interrupted pairing can be repeated.
    /// </summary>
    /// <param name="peerNodeId">Null while the peer has not said it.</param>
    /// <param name="peer">Its proved identity.</param>
    /// <param name="engineName">The engine's name at the console.</param>
    /// <param name="bound">Whether a secret bound to that name is being proved: then it is that engine's
    /// number.</param>
    (Guid PairingId, long Epoch)? Number(Guid? peerNodeId, Fingerprint peer, string engineName, bool bound = false);

    /// <exception cref="ScanEngineException">IdentityConflict, EngineNameInUse: this pairing cannot be.</exception>
    void Check(PairedPeer peer);

    /// <summary>Both identities are proved by a secret.</summary>
    /// <exception cref="ScanEngineException">As <see cref="Check"/>.</exception>
    void Record(PairedPeer peer);

    /// <summary>
    /// A node dialled without a secret: lists it for this side's admin. Returns the pairing's number and whether that
    /// admin has confirmed it.
    /// </summary>
    /// <exception cref="ScanEngineException">PairingDenied; as <see cref="Check"/>.</exception>
    (Guid PairingId, bool Approved) Ask(PairedPeer peer);
}
