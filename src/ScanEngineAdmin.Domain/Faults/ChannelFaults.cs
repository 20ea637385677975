using ScanEngineAdmin.Channel;

namespace ScanEngineAdmin.Domain.Faults;

/// <summary>The one table from what the channel met to what an admin is told.</summary>
public static class ChannelFaults
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

    /// <summary>What to do about it, for the admin of the side that dialled.</summary>
    public static string Recommendation(ChannelException exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        string endPoint = exception.EndPoint;
        return ToFaultCode(exception) switch
        {
            FaultCode.NameNotResolved => "Correct the name, or use an address.",
            FaultCode.ConnectionRefused =>
                $"Start the listener at {endPoint}, or correct the port; "
                + "a firewall there may also answer in its place.",
            FaultCode.AdminProhibited =>
                $"A firewall rejects it: allow TCP to {endPoint} at the listening host and on the way.",
            FaultCode.HostUnreachable => "Check that the host is up and that there is a route to it.",
            FaultCode.ConnectTimedOut =>
                $"Allow TCP to {endPoint} at the listening host and on the way (Test-EngineFirewall shows the stages).",
            FaultCode.WrongService => "Another service answers there: correct the address or the port.",
            FaultCode.HandshakeTimedOut or FaultCode.HandshakeFailed =>
                "Check that the listener there is a ScanEngineAdmin node and not overloaded, then try again.",
            FaultCode.PeerNotTrusted =>
                "Compare the fingerprint with the one the other node shows (Get-EngineListener, Get-SecurityConsole); "
                + "pair again only if its key was replaced on purpose.",
            FaultCode.TlsIntercepted => $"Exempt {endPoint} from TLS inspection.",
            FaultCode.IncompatibleVersion => "Update the older of the two nodes.",
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
            _ => "Try again; if it stays, run Test-EngineFirewall.",
        };
    }

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
