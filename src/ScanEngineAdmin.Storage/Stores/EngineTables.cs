using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Storage.Sqlite;

namespace ScanEngineAdmin.Storage.Stores;

/// <summary>How the engine's records lie in their tables.</summary>
internal static class EngineTables
{
    public static Table<ConsoleRecord> Consoles { get; } = new("consoles", keys: 1)
    {
        { "pairing_id", row => row.Id(), console => console.PairingId },
        { "console_id", row => row.IdOrNull(), console => console.ConsoleId },
        { "name", row => row.Text(), console => console.Name },
        { "engine_name", row => row.Text(), console => console.EngineName },
        { "state", row => row.Name<ConsoleState>(), console => console.State },
        { "direction", row => row.Name<CommunicationDirection>(), console => console.Direction },
        { "epoch", row => row.Long(), console => console.Epoch },
        { "pins", row => row.Pins(), console => console.Pins, Row.ToText },
        { "address", row => row.TextOrNull(), console => console.Address },
        { "port", row => row.Int(), console => console.Port },
        { "observed_address", row => row.TextOrNull(), console => console.ObservedAddress },
        { "poll_interval", row => row.Duration(), console => console.PollInterval },
        { "change_id", row => row.IdOrNull(), console => console.ChangeId },
        { "change_to", row => row.NameOrNull<CommunicationDirection>(), console => console.ChangeTo },
        { "change_epoch", row => row.LongOrNull(), console => console.ChangeEpoch },
        { "change_address", row => row.TextOrNull(), console => console.ChangeAddress },
        { "change_port", row => row.IntOrNull(), console => console.ChangePort },
        { "proposed_direction", row => row.NameOrNull<CommunicationDirection>(), console => console.ProposedDirection },
        { "first_seen", row => row.Time(), console => console.FirstSeen },
        { "last_seen", row => row.TimeOrNull(), console => console.LastSeen },
        { "last_poll", row => row.TimeOrNull(), console => console.LastPoll },
        { "next_poll", row => row.TimeOrNull(), console => console.NextPoll },
        { "consecutive_failures", row => row.Int(), console => console.ConsecutiveFailures },
        { "last_error", row => row.TextOrNull(), console => console.LastError },
        { "connected", row => row.Flag(), console => console.Connected },
    };

    public static Table<EngineScanRecord> Scans { get; } = new("scans", keys: 2)
    {
        { "pairing_id", row => row.Id(), scan => scan.PairingId },
        { "scan_id", row => row.Id(), scan => scan.ScanId },
        { "attempt", row => row.Int(), scan => scan.Attempt },
        { "request", row => row.Json<ScanRequest>(), scan => scan.Request, Row.ToJson },
        { "state", row => row.Name<ScanState>(), scan => scan.State },
        { "cursor", row => row.Long(), scan => scan.Cursor },
        { "last_batch", row => row.Long(), scan => scan.LastBatch },
        { "acknowledged_batch", row => row.Long(), scan => scan.AcknowledgedBatch },
        { "stop_requested", row => row.Flag(), scan => scan.StopRequested },
        { "accepted", row => row.Time(), scan => scan.Accepted },
        { "deadline", row => row.TimeOrNull(), scan => scan.Deadline },
        { "leased", row => row.Flag(), scan => scan.Leased },
        { "goes_on", row => row.Flag(), scan => scan.GoesOn },
    };
}
