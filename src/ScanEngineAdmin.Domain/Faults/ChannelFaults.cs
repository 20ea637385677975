using ScanEngineAdmin.Channel;

namespace ScanEngineAdmin.Domain.Faults;

/// <summary>The one table from a fault of the channel to the error that an admin sees.</summary>
internal static class ChannelFaults
{
    public static FaultCode ToFaultCode(ChannelException exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        return exception.Fault switch
        {
            ChannelFault.Refused or ChannelFault.VersionMismatch or ChannelFault.Closed
                when exception.Refusal is { } refusal => ToFaultCode(refusal.Code),
            ChannelFault.PortInUse => FaultCode.PortInUse,
            ChannelFault.AddressNotAvailable => FaultCode.AddressNotAvailable,
            ChannelFault.NameNotResolved => FaultCode.NameNotResolved,
            ChannelFault.ConnectionRefused => FaultCode.ConnectionRefused,
            ChannelFault.AdminProhibited => FaultCode.AdminProhibited,
            ChannelFault.HostUnreachable => FaultCode.HostUnreachable,
            ChannelFault.ConnectTimedOut => FaultCode.ConnectTimedOut,
            ChannelFault.ProxyRefused => FaultCode.ProxyRefused,
            ChannelFault.WrongService => FaultCode.WrongService,
            ChannelFault.HandshakeFailed => FaultCode.HandshakeFailed,
            ChannelFault.HandshakeTimedOut => FaultCode.HandshakeTimedOut,
            ChannelFault.PeerNotTrusted => FaultCode.PeerNotTrusted,
            ChannelFault.TlsIntercepted => FaultCode.TlsIntercepted,
            ChannelFault.VersionMismatch => FaultCode.IncompatibleVersion,
            ChannelFault.ProtocolViolation => FaultCode.ProtocolViolation,
            ChannelFault.PeerSilent or ChannelFault.SendTimedOut or ChannelFault.RequestTimedOut =>
                FaultCode.PeerSilent,
            ChannelFault.LimitReached => FaultCode.PeerBusy,
            _ => FaultCode.ConnectionLost,
        };
    }

    public static FaultCode ToFaultCode(RefusalCode code) => code switch
    {
        RefusalCode.NotPaired => FaultCode.NotPaired,
        RefusalCode.Pending => FaultCode.ApprovalPending,
        RefusalCode.Denied => FaultCode.PairingDenied,
        RefusalCode.Revoked => FaultCode.PairingRevoked,
        RefusalCode.Incompatible => FaultCode.IncompatibleVersion,
        RefusalCode.WrongDirection => FaultCode.DirectionConflict,
        RefusalCode.WrongRole => FaultCode.WrongRole,
        RefusalCode.Busy => FaultCode.PeerBusy,
        RefusalCode.SecretWrong => FaultCode.SecretWrong,
        RefusalCode.SecretExpired => FaultCode.SecretExpired,
        RefusalCode.SecretRevoked => FaultCode.SecretRevoked,
        RefusalCode.SecretUsed => FaultCode.SecretUsed,
        RefusalCode.SecretBound => FaultCode.SecretBound,
        RefusalCode.IdentityConflict => FaultCode.IdentityConflict,
        RefusalCode.NameInUse => FaultCode.EngineNameInUse,
        RefusalCode.BadHello or RefusalCode.BadCertificate => FaultCode.ProtocolViolation,
        _ => FaultCode.ConnectionLost,
    };

    /// <summary>What to do about it, for the admin of the side that dialled or listens.</summary>
    public static string Recommendation(ChannelException exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        return Recommendation(ToFaultCode(exception), exception.EndPoint);
    }

    /// <summary>One piece of advice for each code that a channel can end in, none for several causes.</summary>
    internal static string Recommendation(FaultCode code, string endPoint) => code switch
    {
        FaultCode.PortInUse =>
            "Give another port with -Port (and tell the other side), or stop the process that holds this one.",
        FaultCode.AddressNotAvailable =>
            "Give an address that this host has with -Address, or leave -Address out to listen on all of them.",
        FaultCode.NameNotResolved => "Correct the name, or use an address.",
        FaultCode.ConnectionRefused =>
            $"Start the listener at {endPoint}, or correct the port; a firewall there may also answer in its place.",
        FaultCode.AdminProhibited =>
            $"A firewall rejects it: allow TCP to {endPoint} at the listening host and on the way.",
        FaultCode.HostUnreachable => "Check that the host is up and that there is a route to it.",
        FaultCode.ConnectTimedOut =>
            $"Allow TCP to {endPoint} at the listening host and on the way (Test-EngineFirewall shows the stages).",
        FaultCode.ProxyRefused =>
            $"Have the proxy's admin allow CONNECT to {endPoint}, give the credentials that it wants (Basic), or let "
            + "the console listen on a port that it allows, as 443.",
        FaultCode.WrongService => "Another service answers there: correct the address or the port.",
        FaultCode.HandshakeTimedOut =>
            "The port is open and nobody speaks in time: check that the node there is not suspended or overloaded, and "
            + "that nothing on the way drops large packets (Test-EngineFirewall shows the stages).",
        FaultCode.HandshakeFailed =>
            "Check that a ScanEngineAdmin node of the same version listens there and that nothing on the way changes "
            + "TLS (Test-EngineFirewall shows the stages).",
        FaultCode.PeerNotTrusted =>
            "Compare the fingerprint with the one the other node shows (Get-EngineListener, Get-SecurityConsole); "
            + "pair again only if its key was replaced on purpose.",
        FaultCode.TlsIntercepted => $"Exempt {endPoint} from TLS inspection.",
        FaultCode.IncompatibleVersion => "Update the older of the two nodes.",
        FaultCode.ProtocolViolation =>
            "Update both nodes to the same version; if it stays, report it with both nodes' logs.",
        FaultCode.PeerSilent =>
            "The connection is open and the other side does not answer: check that its host is not suspended or "
            + "overloaded, and that no firewall on the way forgets idle connections.",
        FaultCode.NotPaired => "Pair the two nodes first (New-EnginePairingSecret, or approval on both sides).",
        FaultCode.ApprovalPending => "Approve it on the other side (Approve-EngineConsole or Approve-ScanEngine).",
        FaultCode.PairingDenied => "The other side's admin denied it: ask there.",
        FaultCode.PairingRevoked => "The other side ended the pairing: pair again if that was not meant.",
        FaultCode.DirectionConflict =>
            "Change the direction with Set-ScanEngineCommunication on the console's host.",
        FaultCode.PeerBusy => "Try again in a moment.",
        FaultCode.SecretWrong => "Copy the whole secret from its maker again.",
        FaultCode.SecretExpired or FaultCode.SecretRevoked or FaultCode.SecretUsed =>
            "Make a new secret with New-EnginePairingSecret.",
        FaultCode.SecretBound => "Use the engine name the secret was made for, or make a new secret.",
        FaultCode.IdentityConflict =>
            "That node is known with another key: make a secret bound to its engine name, or unregister it first.",
        FaultCode.EngineNameInUse =>
            "Choose another engine name. If it is that engine rebuilt, have the console's admin make a secret bound "
            + "to the name (New-EnginePairingSecret -EngineName <name>), and pair with that one.",
        FaultCode.WrongRole =>
            "Correct the address or the port: a console is paired with engines (usually port 40814), an engine "
            + "with consoles (usually port 40815).",
        FaultCode.ConnectionLost => "Try again; if it is lost again, run Test-EngineFirewall.",
        _ => throw new ArgumentOutOfRangeException(nameof(code), code, "No channel ends in it."),
    };

    /// <summary>The channel's fault as the product's error, about <paramref name="target"/>.</summary>
    public static ScanEngineException ToError(ChannelException exception, string? target = null)
    {
        ArgumentNullException.ThrowIfNull(exception);
        return new ScanEngineException(
            ToFaultCode(exception),
            exception.Message,
            Recommendation(exception),
            target ?? exception.EndPoint,
            exception);
    }
}
