using ScanEngineAdmin.Channel;

namespace ScanEngineAdmin.Core.NodeProcess;

/// <summary>One open channel to a peer.</summary>
internal class OpenChannel(PeerChannel channel)
{
    public PeerChannel Channel { get; } = channel;

    /// <summary>Whether a newer one took over here: then the peer's word for the same thing is no news.</summary>
    public bool Superseded { get; set; }

    public bool IsOpen => !Channel.Completion.IsCompleted;
}
