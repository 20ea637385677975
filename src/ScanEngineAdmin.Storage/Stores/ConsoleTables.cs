using System.Globalization;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Domain.Schedules;
using ScanEngineAdmin.Storage.Sqlite;

namespace ScanEngineAdmin.Storage.Stores;

/// <summary>How the console's records lie in their tables.</summary>
internal static class ConsoleTables
{
    public static Table<EngineRecord> Engines { get; } = new("engines", keys: 1)
    {
        { "pairing_id", row => row.Id(), engine => engine.PairingId },
        { "engine_id", row => row.IdOrNull(), engine => engine.EngineId },
        { "name", row => row.Text(), engine => engine.Name },
        { "address", row => row.TextOrNull(), engine => engine.Address },
        { "port", row => row.Int(), engine => engine.Port },
        { "direction", row => row.Name<CommunicationDirection>(), engine => engine.Direction },
        { "epoch", row => row.Long(), engine => engine.Epoch },
        { "state", row => row.Name<EngineState>(), engine => engine.State },
        { "pins", row => row.Pins(), engine => engine.Pins, Row.ToText },
        { "observed_fingerprint", row => row.Pin(), engine => engine.ObservedFingerprint },
        { "approved_by_engine", row => row.Flag(), engine => engine.ApprovedByEngine },
        { "observed_address", row => row.TextOrNull(), engine => engine.ObservedAddress },
        { "status", row => row.Name<CommunicationStatus>(), engine => engine.Status },
        { "status_detail", row => row.Text(), engine => engine.StatusDetail },
        { "last_contact", row => row.TimeOrNull(), engine => engine.LastContact },
        { "next_expected", row => row.TimeOrNull(), engine => engine.NextExpected },
        { "version", row => row.TextOrNull(), engine => engine.Version },
        { "proposed_direction", row => row.NameOrNull<CommunicationDirection>(), engine => engine.ProposedDirection },
        { "registered", row => row.Time(), engine => engine.Registered },
        { "told_direction", row => row.NameOrNull<CommunicationDirection>(), engine => engine.ReportedDirection },
        { "told_epoch", row => row.LongOrNull(), engine => engine.ReportedEpoch },
        { "told_change", row => row.IdOrNull(), engine => engine.ReportedChangeId },
        { "told_applier", row => row.FlagOrNull(), engine => engine.ReportedApplier },
        { "allow_from", row => row.TextOrNull(), engine => engine.AllowFrom },
        { "name_key", engine => NameKey(engine.Name) },
    };

    public static Table<ScanRecord> Scans { get; } = new("scans", keys: 1)
    {
        { "scan_id", row => row.Id(), scan => scan.ScanId },
        { "pairing_id", row => row.Id(), scan => scan.PairingId },
        { "engine_name", row => row.Text(), scan => scan.EngineName },
        { "request", row => row.Json<ScanRequest>(), scan => scan.Request, Row.ToJson },
        { "state", row => row.Name<ScanState>(), scan => scan.State },
        { "attempt", row => row.Int(), scan => scan.Attempt },
        { "queued", row => row.Time(), scan => scan.Queued },
        { "started", row => row.TimeOrNull(), scan => scan.Started },
        { "finished", row => row.TimeOrNull(), scan => scan.Finished },
        { "targets_total", row => row.Long(), scan => scan.TargetsTotal },
        { "targets_done", row => row.Long(), scan => scan.TargetsDone },
        { "finding_count", row => row.Long(), scan => scan.FindingCount },
        { "last_batch", row => row.Long(), scan => scan.LastBatch },
        { "stop_requested", row => row.Flag(), scan => scan.StopRequested },
        { "detail", row => row.Text(), scan => scan.Detail },
        { "cause", row => row.Name<ScanCause>(), scan => scan.Cause },
        { "cause_since", row => row.TimeOrNull(), scan => scan.CauseSince },
        { "last_interruption", row => row.Name<ScanCause>(), scan => scan.LastInterruption },
        { "interruptions", row => row.Int(), scan => scan.Interruptions },
        { "engine_boot", row => row.IdOrNull(), scan => scan.EngineBootId },
        { "cursor", row => row.Long(), scan => scan.Cursor },
        { "deadline", row => row.TimeOrNull(), scan => scan.Deadline },
        { "deadline_after", row => row.DurationOrNull(), scan => scan.DeadlineAfter },
        { "priority", row => row.Name<ScanPriority>(), scan => scan.Priority },
        { "max_attempts", row => row.Int(), scan => scan.MaxAttempts },
        { "failed_attempts", row => row.Int(), scan => scan.FailedAttempts },
        { "not_before", row => row.TimeOrNull(), scan => scan.NotBefore },
        { "suspension", row => row.Name<ScanSuspension>(), scan => scan.Suspension },
        { "pool", row => row.Flag(), scan => scan.IsPool },
        { "parent", row => row.IdOrNull(), scan => scan.ParentId },
        { "first_unit", row => row.Long(), scan => scan.FirstUnit },
        { "part_units", row => row.Long(), scan => scan.PartUnits },
        { "part_from", row => row.Long(), scan => scan.PartFrom },
        { "round", row => row.Int(), scan => scan.Round },
        { "lease", row => row.DurationOrNull(), scan => scan.Lease },
        { "schedule", row => row.TextOrNull(), scan => scan.Schedule },
        { "resumed", row => row.TimeOrNull(), scan => scan.Resumed },
        { "max_rate", scan => scan.Request.MaxRate },
    };

    public static Table<EnginePool> Pools { get; } = new("pools", keys: 1)
    {
        { "pool_id", row => row.Id(), pool => pool.PoolId },
        { "name", row => row.Text(), pool => pool.Name },
        { "away_after", row => row.Duration(), pool => pool.AwayAfter },
        { "created", row => row.Time(), pool => pool.Created },
        { "name_key", pool => NameKey(pool.Name) },
    };

    public static Table<ChangeRecord> Changes { get; } = new("changes", keys: 1)
    {
        { "change_id", row => row.Id(), change => change.ChangeId },
        { "pairing_id", row => row.Id(), change => change.PairingId },
        { "from_direction", row => row.Name<CommunicationDirection>(), change => change.From },
        { "to_direction", row => row.Name<CommunicationDirection>(), change => change.Direction },
        { "epoch", row => row.Long(), change => change.Epoch },
        { "state", row => row.Name<ChangeState>(), change => change.State },
        { "detail", row => row.Text(), change => change.Detail },
        { "fault", row => row.NameOrNull<FaultCode>(), change => change.Fault },
        { "acknowledged", row => row.TimeOrNull(), change => change.Acknowledged },
        { "address", row => row.TextOrNull(), change => change.Address },
        { "port", row => row.IntOrNull(), change => change.Port },
        { "console_address", row => row.TextOrNull(), change => change.ConsoleAddress },
        { "console_port", row => row.IntOrNull(), change => change.ConsolePort },
        { "timeout", row => row.Duration(), change => change.Timeout },
        { "requested", row => row.Time(), change => change.Requested },
        { "decided", row => row.TimeOrNull(), change => change.Decided },
        { "requested_by", row => row.Text(), change => change.RequestedBy },
        { "apply_firewall", row => row.Flag(), change => change.ApplyFirewall },
        { "engine_firewall", row => row.JsonOrNull<FirewallReport>(), change => change.EngineFirewall, Row.ToJson },
    };

    public static Table<PendingDirectionChange> PendingChanges { get; } = new("pending_changes", keys: 1)
    {
        { "pairing_id", row => row.Id(), pending => pending.PairingId },
        { "direction", row => row.Name<CommunicationDirection>(), pending => pending.Direction },
        { "address", row => row.TextOrNull(), pending => pending.Address },
        { "port", row => row.IntOrNull(), pending => pending.Port },
        { "console_address", row => row.TextOrNull(), pending => pending.ConsoleAddress },
        { "console_port", row => row.IntOrNull(), pending => pending.ConsolePort },
        { "timeout", row => row.Duration(), pending => pending.Timeout },
        { "requested", row => row.Time(), pending => pending.Requested },
        { "requested_by", row => row.Text(), pending => pending.RequestedBy },
        { "change_id", row => row.IdOrNull(), pending => pending.ChangeId },
        { "attempts", row => row.Int(), pending => pending.Attempts },
        { "not_before", row => row.TimeOrNull(), pending => pending.NotBefore },
        { "detail", row => row.Text(), pending => pending.Detail },
        { "apply_firewall", row => row.Flag(), pending => pending.ApplyFirewall },
    };

    public static Table<ScheduleRecord> Schedules { get; } = OfSchedules(withRequest: true);

    /// <summary>Without what is scanned, which may be long: to be read only.</summary>
    public static Table<ScheduleRecord> ScheduleTerms { get; } = OfSchedules(withRequest: false);

    public static string NameKey(string name) => name.ToUpperInvariant();

    private static Table<ScheduleRecord> OfSchedules(bool withRequest)
    {
        Table<ScheduleRecord> table = new("schedules", keys: 1)
        {
            { "name", row => row.Text(), schedule => schedule.Name },
            { "pairing_id", row => row.Id(), schedule => schedule.PairingId },
            { "pool", row => row.Flag(), schedule => schedule.IsPool },
            { "cron", row => row.Texts(), schedule => schedule.Cron, Row.ToJson },
            { "time_zone", row => row.Text(), schedule => schedule.TimeZone },
            { "start_date", row => Day(row.TextOrNull()), schedule => schedule.StartDate, Text },
            { "end_date", row => Day(row.TextOrNull()), schedule => schedule.EndDate, Text },
            { "max_duration", row => row.DurationOrNull(), schedule => schedule.MaxDuration },
            { "black_out", row => row.Texts(), schedule => schedule.BlackOut, Row.ToJson },
            { "missed", row => row.Name<MissedRunRule>(), schedule => schedule.Missed },
            { "overlap", row => row.Name<OverlapRule>(), schedule => schedule.Overlap },
            { "on_limit", row => row.Name<LimitRule>(), schedule => schedule.OnLimit },
            { "enabled", row => row.Flag(), schedule => schedule.Enabled },
            { "targets_total", row => row.Long(), schedule => schedule.TargetsTotal },
            { "priority", row => row.Name<ScanPriority>(), schedule => schedule.Priority },
            { "max_attempts", row => row.Int(), schedule => schedule.MaxAttempts },
            { "created", row => row.Time(), schedule => schedule.Created },
            { "next", row => row.TimeOrNull(), schedule => schedule.Next },
            { "waiting", row => row.TimeOrNull(), schedule => schedule.Waiting },
            { "last_due", row => row.TimeOrNull(), schedule => schedule.LastDue },
            { "last_scan", row => row.IdOrNull(), schedule => schedule.LastScanId },
            { "compared_scan", row => row.IdOrNull(), schedule => schedule.ComparedScanId },
            { "runs", row => row.Long(), schedule => schedule.Runs },
            { "skipped", row => row.Long(), schedule => schedule.Skipped },
            { "detail", row => row.Text(), schedule => schedule.Detail },
        };
        if (withRequest)
        {
            table.Add("request", row => row.Json<ScanRequest>(), schedule => schedule.Request, Row.ToJson);
            table.Add("name_key", schedule => NameKey(schedule.Name));
        }

        return table;
    }

    private static DateOnly? Day(string? text) =>
        text is null ? null : DateOnly.ParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string? Text(DateOnly? day) => day?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
