using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Domain.Pairing;
using ScanEngineAdmin.Storage.Sqlite;

namespace ScanEngineAdmin.Storage.Stores;

/// <summary>How what both kinds of node keep lies in its tables.</summary>
internal static class NodeTables
{
    public static Table<NodeRecord> Nodes { get; } = new(
        "node",
        0,
        row => new NodeRecord
        {
            BootId = row.Id(),
            ProcessId = row.Int(),
            HostedBy = row.Text(),
            EndPoint = row.TextOrNull(),
            LastError = row.TextOrNull(),
            Started = row.Time(),
            StopRequested = row.IdOrNull(),
        },
        ("boot_id", node => node.BootId),
        ("process_id", node => node.ProcessId),
        ("hosted_by", node => node.HostedBy),
        ("end_point", node => node.EndPoint),
        ("last_error", node => node.LastError),
        ("started", node => node.Started),
        ("stop_requested", node => node.StopRequested));

    public static Table<SecretRecord> Secrets { get; } = new(
        "secrets",
        1,
        row => new SecretRecord
        {
            SecretId = row.Id(),
            StoredKey = row.Bytes(),
            ServerKey = row.Bytes(),
            Created = row.Time(),
            ExpiresAt = row.Time(),
            EngineName = row.TextOrNull(),
            MaxUses = row.Int(),
            Uses = row.Int(),
            Refused = row.Int(),
            Revoked = row.TimeOrNull(),
        },
        ("secret_id", secret => secret.SecretId),
        ("stored_key", secret => secret.StoredKey),
        ("server_key", secret => secret.ServerKey),
        ("created", secret => secret.Created),
        ("expires_at", secret => secret.ExpiresAt),
        ("engine_name", secret => secret.EngineName),
        ("max_uses", secret => secret.MaxUses),
        ("uses", secret => secret.Uses),
        ("refused", secret => secret.Refused),
        ("revoked", secret => secret.Revoked));

    public static Table<AuditEvent> Events { get; } = new(
        "events",
        0,
        row => new AuditEvent
        {
            Time = row.Time(),
            Class = row.Name<AuditClass>(),
            Event = row.Text(),
            PairingId = row.IdOrNull(),
            Subject = row.Text(),
            Actor = row.Text(),
            Detail = row.Text(),
        },
        ("time", entry => entry.Time),
        ("class", entry => entry.Class),
        ("event", entry => entry.Event),
        ("pairing_id", entry => entry.PairingId),
        ("subject", entry => entry.Subject),
        ("actor", entry => entry.Actor),
        ("detail", entry => entry.Detail));

    public static Table<FirewallRequest> FirewallRequests { get; } = new(
        "firewall_requests",
        1,
        row => new FirewallRequest
        {
            ChangeId = row.Id(),
            PairingId = row.Id(),
            Action = row.Name<FirewallAction>(),
            Lifetime = row.Duration(),
            Number = row.Int(),
            Asked = row.Time(),
            State = row.Name<FirewallRequestState>(),
            Answered = row.TimeOrNull(),
            Fault = row.NameOrNull<FaultCode>(),
            Detail = row.Text(),
            Recommendation = row.Text(),
            RollbackAt = row.TimeOrNull(),
            Rules = row.Json<FirewallRequestRule[]>(),
        },
        ("change_id", request => request.ChangeId),
        ("pairing_id", request => request.PairingId),
        ("wish", request => request.Action),
        ("lifetime", request => request.Lifetime),
        ("number", request => request.Number),
        ("asked", request => request.Asked),
        ("state", request => request.State),
        ("answered", request => request.Answered),
        ("fault", request => request.Fault),
        ("detail", request => request.Detail),
        ("recommendation", request => request.Recommendation),
        ("rollback_at", request => request.RollbackAt),
        ("rules", request => Row.ToJson(request.Rules)));
}
