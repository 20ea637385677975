using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Storage.Sqlite;

namespace ScanEngineAdmin.Storage.Stores;

/// <summary>How the engine's records lie in their tables.</summary>
internal static class EngineTables
{
    public static Table<ConsoleRecord> Consoles { get; } = new(
        "consoles",
        1,
        row => new ConsoleRecord
        {
            PairingId = row.Id(),
            ConsoleId = row.IdOrNull(),
            Name = row.Text(),
            EngineName = row.Text(),
            State = row.Name<ConsoleState>(),
            Direction = row.Name<CommunicationDirection>(),
            Epoch = row.Long(),
            Pins = row.Pins(),
            Address = row.TextOrNull(),
            Port = row.Int(),
            ObservedAddress = row.TextOrNull(),
            PollInterval = row.Duration(),
            ChangeId = row.IdOrNull(),
            ChangeTo = row.NameOrNull<CommunicationDirection>(),
            ChangeEpoch = row.LongOrNull(),
            ChangeAddress = row.TextOrNull(),
            ChangePort = row.IntOrNull(),
            ProposedDirection = row.NameOrNull<CommunicationDirection>(),
            FirstSeen = row.Time(),
            LastSeen = row.TimeOrNull(),
            LastPoll = row.TimeOrNull(),
            NextPoll = row.TimeOrNull(),
            ConsecutiveFailures = row.Int(),
            LastError = row.TextOrNull(),
            Connected = row.Flag(),
        },
        ("pairing_id", console => console.PairingId),
        ("console_id", console => console.ConsoleId),
        ("name", console => console.Name),
        ("engine_name", console => console.EngineName),
        ("state", console => console.State),
        ("direction", console => console.Direction),
        ("epoch", console => console.Epoch),
        ("pins", console => Row.ToText(console.Pins)),
        ("address", console => console.Address),
        ("port", console => console.Port),
        ("observed_address", console => console.ObservedAddress),
        ("poll_interval", console => console.PollInterval),
        ("change_id", console => console.ChangeId),
        ("change_to", console => console.ChangeTo),
        ("change_epoch", console => console.ChangeEpoch),
        ("change_address", console => console.ChangeAddress),
        ("change_port", console => console.ChangePort),
        ("proposed_direction", console => console.ProposedDirection),
        ("first_seen", console => console.FirstSeen),
        ("last_seen", console => console.LastSeen),
        ("last_poll", console => console.LastPoll),
        ("next_poll", console => console.NextPoll),
        ("consecutive_failures", console => console.ConsecutiveFailures),
        ("last_error", console => console.LastError),
        ("connected", console => console.Connected));

    public static Table<EngineScanRecord> Scans { get; } = new(
        "scans",
        2,
        row => new EngineScanRecord
        {
            PairingId = row.Id(),
            ScanId = row.Id(),
            Attempt = row.Int(),
            Request = row.Request(),
            State = row.Name<ScanState>(),
            Cursor = row.Long(),
            LastBatch = row.Long(),
            AcknowledgedBatch = row.Long(),
            StopRequested = row.Flag(),
            Accepted = row.Time(),
            Deadline = row.TimeOrNull(),
        },
        ("pairing_id", scan => scan.PairingId),
        ("scan_id", scan => scan.ScanId),
        ("attempt", scan => scan.Attempt),
        ("request", scan => Row.ToText(scan.Request)),
        ("state", scan => scan.State),
        ("cursor", scan => scan.Cursor),
        ("last_batch", scan => scan.LastBatch),
        ("acknowledged_batch", scan => scan.AcknowledgedBatch),
        ("stop_requested", scan => scan.StopRequested),
        ("accepted", scan => scan.Accepted),
        ("deadline", scan => scan.Deadline));
}
