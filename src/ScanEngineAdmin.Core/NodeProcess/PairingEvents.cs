using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Core.Pairing;
using ScanEngineAdmin.Domain.Nodes;

namespace ScanEngineAdmin.Core.NodeProcess;

/// <summary>What the audit trail and the log say of a node that dialled to be paired.</summary>
internal static class PairingEvents
{
    public static AuditEvent Of(PairingVerdict verdict, IncomingPeer peer, DateTimeOffset now) => new()
    {
        Time = now,
        Class = verdict switch
        {
            { Refused: not null } => AuditClass.Stranger,
            { Paired: true, Peer.Repeats: false } => AuditClass.Pairing,
            { Paired: true } => AuditClass.Peer,
            _ => AuditClass.Stranger,
        },
        Event = Name(verdict),
        PairingId = verdict.Refused is null ? verdict.Peer?.PairingId : null,
        Subject = verdict.Peer?.EngineName ?? string.Empty,
        Actor = ObservedAddress.Text(peer.Remote.Address),
        Detail = verdict.Refused is { } refused ? $"{refused.Code}: {refused.Text}" : $"fingerprint {peer.Fingerprint}",
    };

    public static AuditEvent Refused(IncomingPeer peer, Refusal refusal, DateTimeOffset now) => new()
    {
        Time = now,
        Class = AuditClass.Stranger,
        Event = Events.PeerRefused,
        Subject = peer.Hello.Name,
        Actor = ObservedAddress.Text(peer.Remote.Address),
        Detail = $"{refusal.Code}: {refusal.Text} (fingerprint {peer.Fingerprint})",
    };

    public static (LogLevel Level, string Name, string Message) Line(PairingVerdict verdict, IncomingPeer peer) =>
        verdict.Refused is { } refused
            ? (LogLevel.Warning, Name(verdict),
                $"Refused to pair with {peer.Hello.Role} at {peer.Remote}: {refused.Text}")
            : (LogLevel.Information, Name(verdict),
                $"{peer.Hello.Role} {verdict.Peer?.PeerName} at {peer.Remote}: {(verdict.Paired ? "paired by secret"
                    : verdict.Approved ? "approved here" : "waits for approval here")}.");

    private static string Name(PairingVerdict verdict) => verdict switch
    {
        { Refused: not null } => Events.PairingRefused,
        { Paired: true } => Events.Paired,
        { Approved: true } => Events.ApprovalAnswered,
        _ => Events.ApprovalAsked,
    };
}
