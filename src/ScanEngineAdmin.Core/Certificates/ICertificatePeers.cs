using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Nodes;

namespace ScanEngineAdmin.Core.Certificates;

/// <summary>The peers of a running node, for the replacement of certificates: its own, and theirs.</summary>
internal interface ICertificatePeers
{
    IReadOnlyList<PairedNode> List();

    PairedNode? Get(Guid pairingId);

    /// <summary>The open channels of a pairing.</summary>
    IReadOnlyList<PeerChannel> Channels(Guid pairingId);

    /// <summary>Reads, changes and writes a pairing's pins in one transaction.</summary>
    void ChangePins(Guid pairingId, Func<IReadOnlyList<Fingerprint>, IReadOnlyList<Fingerprint>> change);

    /// <summary>
    /// Where this side dials: opens a new channel, and only then lets the old one go, if there is one.
    /// </summary>
    void Redial(Guid pairingId);

    void Log(LogLevel level, string name, string message, Guid? pairingId = null);
}
