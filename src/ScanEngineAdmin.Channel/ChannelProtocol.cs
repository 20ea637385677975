namespace ScanEngineAdmin.Channel;

/// <summary>Constants of the wire; docs/protocol.md is their home.</summary>
public static class ChannelProtocol
{
    public const int MinVersion = 1;

    public const int MaxVersion = 1;

    public const string ChannelAlpn = "scanengine";

    public const string PairingAlpn = "scanengine-pair";

    /// <summary>Bytes of a frame's header.</summary>
    public const int HeaderLength = 8;

    /// <summary>The most a frame may carry once the channel is open.</summary>
    public const int MaxPayload = 16 * 1024;

    /// <summary>The most a frame may carry before the acceptor has decided.</summary>
    public const int MaxHandshakePayload = 8 * 1024;
}
