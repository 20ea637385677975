using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Firewall.Planning;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Core.Tests.Firewall;

/// <summary>The requests and rules that the tests of plans and writers start from.</summary>
internal static class Sample
{
    public const string RuleId = "sea-0123456789ab";

    public static FirewallPlanRequest ToReverse() => new()
    {
        PairingId = new Guid("6f1f2c34-0000-4000-8000-000000000001"),
        EngineName = "lab-2",
        From = CommunicationDirection.ConsoleToEngine,
        To = CommunicationDirection.EngineToConsole,
        Epoch = 7,
        DryRun = true,
        Console = new FirewallHost
        {
            Name = "console.example.net",
            Resolved = [IPAddress.Parse("198.51.100.1")],
            Port = 40815,
            Provider = FirewallProvider.Nftables,
        },
        Engine = new FirewallHost
        {
            Name = "lab-2.example.net",
            Resolved = [IPAddress.Parse("203.0.113.7")],
            Port = 40814,
            Provider = FirewallProvider.NetSecurity,
        },
    };

    public static FirewallPlanRequest ToStandard() => ToReverse() with
    {
        From = CommunicationDirection.EngineToConsole,
        To = CommunicationDirection.ConsoleToEngine,
    };

    public static FirewallNeighbour Other(string name, string address) => new(
        name, Guid.NewGuid(), CommunicationDirection.EngineToConsole, 40815, [IPAddress.Parse(address)]);

    public static FirewallRule Rule(
        RuleFlow flow = RuleFlow.In, RuleFamily family = RuleFamily.IPv4, int port = 40815,
        params string[] peers) => new()
        {
            RuleId = RuleId,
            HostRole = NodeRole.Console,
            Host = "console.example.net",
            Change = RuleChange.Add,
            Flow = flow,
            LocalPort = port,
            RemoteAddress = peers,
            AddressFamily = family,
            Reason = "for a test",
        };
}
