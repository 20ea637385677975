using ScanEngineAdmin.Channel;

namespace ScanEngineAdmin.Core.Pairing;

/// <summary>
/// What became of a node that dialled to be paired: for the log, the audit trail and the limit on attempts.
/// </summary>
/// <param name="Peer">Whom it was about, as far as it had said; null if it was not understood.</param>
/// <param name="Paired">Both identities are proved by a secret.</param>
/// <param name="Approved">Of an approval: this side's admin has confirmed it.</param>
/// <param name="Refused">Why not.</param>
internal sealed record PairingVerdict(PairedPeer? Peer, bool Paired, bool Approved, Refusal? Refused);
