using ScanEngineAdmin.Core;
using ScanEngineAdmin.Core.Direction;
using ScanEngineAdmin.Core.Engines;
using ScanEngineAdmin.Core.Scans;
using ScanEngineAdmin.Storage.Sqlite;

namespace ScanEngineAdmin.Storage.Stores;

/// <summary>How the console's records lie in their tables.</summary>
internal static class ConsoleTables
{
    public static Table<EngineRecord> Engines { get; } = new(
        "engines",
        1,
        row => new EngineRecord
        {
            PairingId = row.Id(),
            EngineId = row.IdOrNull(),
            Name = row.Text(),
            Address = row.TextOrNull(),
            Port = row.Int(),
            Direction = row.Name<CommunicationDirection>(),
            Epoch = row.Long(),
            State = row.Name<EngineState>(),
            Pins = row.Pins(),
            ObservedFingerprint = row.Pin(),
            ApprovedByEngine = row.Flag(),
            ObservedAddress = row.TextOrNull(),
            Status = row.Name<CommunicationStatus>(),
            StatusDetail = row.Text(),
            LastContact = row.TimeOrNull(),
            NextExpected = row.TimeOrNull(),
            Version = row.TextOrNull(),
            ProposedDirection = row.NameOrNull<CommunicationDirection>(),
            Registered = row.Time(),
        },
        ("pairing_id", engine => engine.PairingId),
        ("engine_id", engine => engine.EngineId),
        ("name", engine => engine.Name),
        ("address", engine => engine.Address),
        ("port", engine => engine.Port),
        ("direction", engine => engine.Direction),
        ("epoch", engine => engine.Epoch),
        ("state", engine => engine.State),
        ("pins", engine => Row.ToText(engine.Pins)),
        ("observed_fingerprint", engine => engine.ObservedFingerprint),
        ("approved_by_engine", engine => engine.ApprovedByEngine),
        ("observed_address", engine => engine.ObservedAddress),
        ("status", engine => engine.Status),
        ("status_detail", engine => engine.StatusDetail),
        ("last_contact", engine => engine.LastContact),
        ("next_expected", engine => engine.NextExpected),
        ("version", engine => engine.Version),
        ("proposed_direction", engine => engine.ProposedDirection),
        ("registered", engine => engine.Registered),
        ("name_key", engine => NameKey(engine.Name)));

    public static Table<ScanRecord> Scans { get; } = new(
        "scans",
        1,
        row => new ScanRecord
        {
            ScanId = row.Id(),
            PairingId = row.Id(),
            EngineName = row.Text(),
            Request = row.Request(),
            State = row.Name<ScanState>(),
            Attempt = row.Int(),
            Queued = row.Time(),
            Started = row.TimeOrNull(),
            Finished = row.TimeOrNull(),
            TargetsTotal = row.Long(),
            TargetsDone = row.Long(),
            FindingCount = row.Long(),
            LastBatch = row.Long(),
            StopRequested = row.Flag(),
            Detail = row.Text(),
        },
        ("scan_id", scan => scan.ScanId),
        ("pairing_id", scan => scan.PairingId),
        ("engine_name", scan => scan.EngineName),
        ("request", scan => Row.ToText(scan.Request)),
        ("state", scan => scan.State),
        ("attempt", scan => scan.Attempt),
        ("queued", scan => scan.Queued),
        ("started", scan => scan.Started),
        ("finished", scan => scan.Finished),
        ("targets_total", scan => scan.TargetsTotal),
        ("targets_done", scan => scan.TargetsDone),
        ("finding_count", scan => scan.FindingCount),
        ("last_batch", scan => scan.LastBatch),
        ("stop_requested", scan => scan.StopRequested),
        ("detail", scan => scan.Detail));

    public static Table<ChangeRecord> Changes { get; } = new(
        "changes",
        1,
        row => new ChangeRecord
        {
            ChangeId = row.Id(),
            PairingId = row.Id(),
            From = row.Name<CommunicationDirection>(),
            To = row.Name<CommunicationDirection>(),
            Epoch = row.Long(),
            State = row.Name<ChangeState>(),
            Detail = row.Text(),
            Fault = row.NameOrNull<FaultCode>(),
            Acknowledged = row.TimeOrNull(),
            Address = row.TextOrNull(),
            Port = row.IntOrNull(),
            ConsoleAddress = row.TextOrNull(),
            ConsolePort = row.IntOrNull(),
            Timeout = row.Duration(),
            Requested = row.Time(),
            Decided = row.TimeOrNull(),
            RequestedBy = row.Text(),
        },
        ("change_id", change => change.ChangeId),
        ("pairing_id", change => change.PairingId),
        ("from_direction", change => change.From),
        ("to_direction", change => change.To),
        ("epoch", change => change.Epoch),
        ("state", change => change.State),
        ("detail", change => change.Detail),
        ("fault", change => change.Fault),
        ("acknowledged", change => change.Acknowledged),
        ("address", change => change.Address),
        ("port", change => change.Port),
        ("console_address", change => change.ConsoleAddress),
        ("console_port", change => change.ConsolePort),
        ("timeout", change => change.Timeout),
        ("requested", change => change.Requested),
        ("decided", change => change.Decided),
        ("requested_by", change => change.RequestedBy));

    public static string NameKey(string name) => name.ToUpperInvariant();
}
