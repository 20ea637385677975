using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.NodeProcess;
using ScanEngineAdmin.Domain.Directions;

namespace ScanEngineAdmin.Core.Console;

/// <summary>One open channel to an engine, with the way it came.</summary>
internal sealed class LinkChannel(PeerChannel channel, HelloFacts facts) : OpenChannel(channel)
{
    /// <summary>What the engine said of the pairing when the channel was opened.</summary>
    public HelloFacts Facts { get; } = facts;

    /// <summary>The direction whose dialler opened it.</summary>
    public CommunicationDirection Way => Channel.Peer.Dialled
        ? CommunicationDirection.ConsoleToEngine
        : CommunicationDirection.EngineToConsole;

    /// <summary>Whether scans were reconciled over it: from then on the engine sends scan data here.</summary>
    public bool Synced { get; set; }

    /// <summary>Attempts whose start or stop was confirmed over this channel.</summary>
    public HashSet<(Guid ScanId, int Attempt, bool Stop)> Confirmed { get; } = [];
}
