using ScanEngineAdmin.Channel.Wire;

namespace ScanEngineAdmin.Channel.Handshake;

/// <summary>Reads the acceptor's answer: a welcome, or the exception that its refusal is.</summary>
internal static class PeerVerdict
{
    /// <exception cref="ChannelException">Refused, VersionMismatch, ProtocolViolation.</exception>
    public static (int Version, PeerHello Hello) ReadWelcome(
        HandshakeConnection connection, FrameKind kind, byte[] payload, PeerHello own)
    {
        if (kind == FrameKind.Refuse)
        {
            throw Refused(connection, payload, own);
        }

        if (kind != FrameKind.Welcome)
        {
            throw connection.Violation($"{kind} where Welcome or Refuse has to be");
        }

        try
        {
            WelcomeMessage welcome = HandshakeJson.Read<WelcomeMessage>(payload);
            return welcome.Version >= own.MinVersion && welcome.Version <= own.MaxVersion
                ? (welcome.Version, welcome.Hello.ToHello())
                : throw connection.Violation(
                    $"a welcome in version {welcome.Version}, which this side has not offered");
        }
        catch (FormatException e)
        {
            throw connection.Violation($"a welcome that cannot be read: {e.Message}", e);
        }
    }

    public static ChannelException Refused(HandshakeConnection connection, byte[] payload, PeerHello own)
    {
        Refusal refusal;
        try
        {
            refusal = HandshakeJson.Read<RefuseMessage>(payload).ToRefusal();
        }
        catch (FormatException e)
        {
            return connection.Violation($"a refusal that cannot be read: {e.Message}", e);
        }

        bool version = refusal.Code == RefusalCode.Incompatible;
        string text = version
            ? $"{connection.EndPoint} speaks protocol versions {refusal.MinVersion} to {refusal.MaxVersion}, this side "
                + $"{own.MinVersion} to {own.MaxVersion}. Update ScanEngineAdmin on the side with the lower versions."
            : $"{connection.EndPoint} refused ({refusal.Code}): {refusal.Text}";
        return new ChannelException(
            version ? ChannelFault.VersionMismatch : ChannelFault.Refused,
            ChannelStage.Hello,
            connection.EndPoint,
            text)
        {
            Refusal = refusal,
            Met = connection.Fingerprint,
        };
    }
}
