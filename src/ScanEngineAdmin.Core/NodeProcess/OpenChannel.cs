using ScanEngineAdmin.Channel;

namespace ScanEngineAdmin.Core.NodeProcess;

/// <summary>One open channel to a peer.</summary>
internal class OpenChannel(PeerChannel channel)
{
    public PeerChannel Channel { get; } = channel;

    /// <summary>
    /// Whether this side opens, or has accepted, a newer one: when the peer says "superseded", it means that one.
    /// </summary>
    public bool Superseded { get; set; }

    public bool IsOpen => !Channel.Completion.IsCompleted;
}
