namespace ScanEngineAdmin.Channel;

/// <summary>How far a connection had come. Nothing may be retried blindly once <see cref="Open"/> is reached.</summary>
public enum ChannelStage
{
    Bind,
    Name,
    Connect,
    FirstBytes,
    Tls,
    Identity,
    Hello,
    Open,
}
