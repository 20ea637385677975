using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Firewall.Applying;
using ScanEngineAdmin.Topology;

namespace ScanEngineAdmin.Tests.Topology;

/// <summary>Consoles with engines, for pictures.</summary>
internal static class Fleet
{
    public const string Hostile = "</script><script>alert(1)</script>\"' onload=x %%{init}%% ]]> ` ; end";

    public static readonly DateTimeOffset Now = new(2026, 11, 29, 6, 30, 0, TimeSpan.Zero);

    public static TopologySource Small(string? name = null) => new()
    {
        Now = Now,
        Console = new TopologyConsole(name ?? "console-1", true, "0.0.0.0:40815", 40815, "ab12"),
        Engines =
        [
            Engine(2, name ?? "dmz-2", CommunicationDirection.EngineToConsole, CommunicationStatus.NotResponding) with
            {
                Address = null, StatusDetail = name ?? "Overdue.", Version = name ?? "0.1.0",
            },
            Engine(1, "dmz-1", CommunicationDirection.ConsoleToEngine, CommunicationStatus.Active),
            Engine(3, "lab-1", CommunicationDirection.ConsoleToEngine, CommunicationStatus.PendingAuthorization) with
            {
                State = EngineState.Registered, LastContact = null,
            },
        ],
        Pools = [(name ?? "dmz", [Id(2), Id(1)]), ("empty", [])],
        Pending =
        [
            new PendingDirectionChange
            {
                PairingId = Id(1), Direction = CommunicationDirection.EngineToConsole, Requested = Now.AddHours(-1),
                RequestedBy = "admin@host",
            },
        ],
        Filter = new TopologyFilter("Nftables", name ?? "nft is there.",
        [
            (name ?? "dmz-2", Row("<=", name ?? "No rule lets it in.")),
            (null, Row("=>", name ?? "Of a pairing that is gone.")),
        ]),
    };

    public static TopologySource Large(int count = 1000) => new()
    {
        Now = Now,
        Console = new TopologyConsole("console-1", false, null, null, null),
        Engines = [.. Enumerable.Range(1, count).Select(n => Engine(
            n,
            $"edge-{n:D4}",
            n % 3 == 0 ? CommunicationDirection.EngineToConsole : CommunicationDirection.ConsoleToEngine,
            n % 10 == 0 ? (CommunicationStatus)(n / 10 % 5) : CommunicationStatus.Active))],
        Pools = [.. Enumerable.Range(0, 8).Select(p =>
            ($"pool-{p}", (IReadOnlyCollection<Guid>)[.. Enumerable.Range(1, count).Where(n => n % 10 == p).Select(Id)]))],
    };

    public static Guid Id(int number) => new(number, 0, 0, new byte[8]);

    private static FirewallDriftRow Row(string side, string detail) =>
        new() { SideIndicator = side, RuleId = "rule-1", Detail = detail };

    private static EngineRecord Engine(
        int number, string name, CommunicationDirection direction, CommunicationStatus status) => new()
        {
            PairingId = Id(number),
            Name = name,
            Address = $"192.0.2.{number % 250}",
            Direction = direction,
            State = EngineState.Paired,
            Status = status,
            LastContact = Now.AddSeconds(-30 * number),
            Registered = Now.AddDays(-1),
        };
}
