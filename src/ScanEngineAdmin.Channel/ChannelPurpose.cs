namespace ScanEngineAdmin.Channel;

/// <summary>What a connection is for; named by ALPN, so that a wrong one never gets as far as a frame.</summary>
public enum ChannelPurpose
{
    /// <summary>ALPN <c>scanengine</c>: between nodes that are paired.</summary>
    Channel,

    /// <summary>ALPN <c>scanengine-pair</c>: to become paired; never carries anything else.</summary>
    Pairing,
}
