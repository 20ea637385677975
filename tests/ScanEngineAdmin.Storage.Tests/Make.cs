using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Pairing;
using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Storage.Tests;

/// <summary>Records with what they must have.</summary>
internal static class Make
{
    public static DateTimeOffset Now { get; } =
        new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero).AddTicks(1234567);

    public static Fingerprint Pin(char digit) => Fingerprint.Parse(new string(digit, 64));

    public static EngineRecord Engine(string name = "lab", EngineState state = EngineState.Paired) => new()
    {
        PairingId = Guid.NewGuid(),
        EngineId = Guid.NewGuid(),
        Name = name,
        Direction = CommunicationDirection.ConsoleToEngine,
        State = state,
        Registered = Now,
    };

    public static ConsoleRecord Console(ConsoleState state = ConsoleState.Paired) => new()
    {
        PairingId = Guid.NewGuid(),
        ConsoleId = Guid.NewGuid(),
        State = state,
        Direction = CommunicationDirection.EngineToConsole,
        FirstSeen = Now,
    };

    public static ScanRequest Request() => new()
    {
        Targets = ["10.0.0.0/30", "odd \"h\u00f6st'"],
        Exclude = ["10.0.0.1"],
        Ports = "22,80",
    };

    public static ScanRecord Scan(Guid pairingId, ScanState state = ScanState.Dispatched) => new()
    {
        ScanId = Guid.NewGuid(),
        PairingId = pairingId,
        EngineName = "lab",
        Request = Request(),
        State = state,
        Attempt = 1,
        Queued = Now,
    };

    public static EngineScanRecord EngineScan(Guid pairingId) => new()
    {
        PairingId = pairingId,
        ScanId = Guid.NewGuid(),
        Attempt = 1,
        Request = Request(),
        State = ScanState.Running,
        Accepted = Now,
    };

    public static ChangeRecord Change(Guid pairingId) => new()
    {
        ChangeId = Guid.NewGuid(),
        PairingId = pairingId,
        From = CommunicationDirection.ConsoleToEngine,
        Direction = CommunicationDirection.EngineToConsole,
        Epoch = 1,
        State = ChangeState.Requested,
        Timeout = TimeSpan.FromSeconds(90),
        Requested = Now,
        RequestedBy = "kim@host1",
    };

    public static SecretRecord Secret() => new()
    {
        SecretId = Guid.NewGuid(),
        StoredKey = [1, 2, 3],
        ServerKey = [4, 5, 6],
        Created = Now,
        ExpiresAt = Now.AddHours(1),
    };

    public static Finding Finding(long unit, string target = "10.0.0.1") =>
        new(unit, target, 22, PortState.Open, TimeSpan.FromTicks(12345), "SSH-2.0-x");

    public static ScanBatch Batch(long number, params Finding[] findings) => new()
    {
        Number = number,
        Findings = findings,
        Cursor = number * 10,
        TargetsTotal = 4,
        TargetsDone = number,
    };
}
