namespace ScanEngineAdmin.Channel;

/// <summary>An answer to a request that is an error of the layer above. Code and text cross the wire.</summary>
public sealed class PeerRequestException(int code, string message) : Exception(message)
{
    /// <summary>1 to 65535; of the layer above.</summary>
    public int Code { get; } = code;
}
