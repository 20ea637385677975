namespace ScanEngineAdmin.Channel;

/// <summary>
/// The one exception this library throws of its own: what went wrong, where, and how far it had come.
/// </summary>
public sealed class ChannelException : Exception
{
    public ChannelException(
        ChannelFault fault, ChannelStage stage, string endPoint, string message, Exception? innerException = null)
        : base(message, innerException)
    {
        Fault = fault;
        Stage = stage;
        EndPoint = endPoint;
    }

    public ChannelFault Fault { get; }

    /// <summary>
    /// From <see cref="ChannelStage.Open"/> on a request may have reached the peer: only an idempotent one may be repeated.
    /// </summary>
    public ChannelStage Stage { get; }

    /// <summary>The remote endpoint (the local one for a listener) as host:port.</summary>
    public string EndPoint { get; }

    /// <summary>
    /// The peer's verdict, where <see cref="Fault"/> is <see cref="ChannelFault.Refused"/> or the peer closed; null where
    /// this side closed: its own reason must not pass for the peer's word.
    /// </summary>
    public Refusal? Refusal { get; init; }

    /// <summary>The certificate fingerprint met, where there was one.</summary>
    public Fingerprint Met { get; init; }

    /// <summary>
    /// The code of a <see cref="ChannelFault.RequestFailed"/> or <see cref="ChannelFault.StreamReset"/>, of the layer
    /// above.
    /// </summary>
    public int PeerCode { get; init; }

    /// <summary>
    /// What TCP knew of the connection when the handshake's time was over; null where that is not known.
    /// </summary>
    public TransportFacts? Transport { get; init; }
}
