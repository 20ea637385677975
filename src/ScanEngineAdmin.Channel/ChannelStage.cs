namespace ScanEngineAdmin.Channel;

/// <summary>How far a connection had come.</summary>
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
