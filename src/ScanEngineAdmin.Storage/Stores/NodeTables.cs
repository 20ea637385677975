using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Domain.Pairing;
using ScanEngineAdmin.Storage.Sqlite;

namespace ScanEngineAdmin.Storage.Stores;

/// <summary>How what both kinds of node keep lies in its tables.</summary>
internal static class NodeTables
{
    public static Table<NodeRecord> Nodes { get; } = new("node", keys: 0)
    {
        { "boot_id", row => row.Id(), node => node.BootId },
        { "process_id", row => row.Int(), node => node.ProcessId },
        { "hosted_by", row => row.Text(), node => node.HostedBy },
        { "end_point", row => row.TextOrNull(), node => node.EndPoint },
        { "last_error", row => row.TextOrNull(), node => node.LastError },
        { "started", row => row.Time(), node => node.Started },
        { "stop_requested", row => row.IdOrNull(), node => node.StopRequested },
    };

    public static Table<SecretRecord> Secrets { get; } = new("secrets", keys: 1)
    {
        { "secret_id", row => row.Id(), secret => secret.SecretId },
        { "stored_key", row => row.Bytes(), secret => secret.StoredKey },
        { "server_key", row => row.Bytes(), secret => secret.ServerKey },
        { "created", row => row.Time(), secret => secret.Created },
        { "expires_at", row => row.Time(), secret => secret.ExpiresAt },
        { "engine_name", row => row.TextOrNull(), secret => secret.EngineName },
        { "max_uses", row => row.Int(), secret => secret.MaxUses },
        { "uses", row => row.Int(), secret => secret.Uses },
        { "refused", row => row.Int(), secret => secret.Refused },
        { "revoked", row => row.TimeOrNull(), secret => secret.Revoked },
    };

    public static Table<AuditEvent> Events { get; } = new("events", keys: 0)
    {
        { "time", row => row.Time(), entry => entry.Time },
        { "class", row => row.Name<AuditClass>(), entry => entry.Class },
        { "event", row => row.Text(), entry => entry.Event },
        { "pairing_id", row => row.IdOrNull(), entry => entry.PairingId },
        { "subject", row => row.Text(), entry => entry.Subject },
        { "actor", row => row.Text(), entry => entry.Actor },
        { "detail", row => row.Text(), entry => entry.Detail },
    };

    public static Table<FirewallRequest> FirewallRequests { get; } = new("firewall_requests", keys: 1)
    {
        { "change_id", row => row.Id(), request => request.ChangeId },
        { "pairing_id", row => row.Id(), request => request.PairingId },
        { "action", row => row.Name<FirewallAction>(), request => request.Action },
        { "lifetime", row => row.Duration(), request => request.Lifetime },
        { "number", row => row.Int(), request => request.Number },
        { "asked", row => row.Time(), request => request.Asked },
        { "state", row => row.Name<FirewallRequestState>(), request => request.State },
        { "answered", row => row.TimeOrNull(), request => request.Answered },
        { "fault", row => row.NameOrNull<FaultCode>(), request => request.Fault },
        { "detail", row => row.Text(), request => request.Detail },
        { "recommendation", row => row.Text(), request => request.Recommendation },
        { "rollback_at", row => row.TimeOrNull(), request => request.RollbackAt },
        { "rules", row => row.Json<FirewallRequestRule[]>(), request => request.Rules, Row.ToJson },
    };
}
