using System.Net;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Directions;
using ScanEngineAdmin.Core.Pairing;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Firewall.Planning;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Service.Demo;

/// <summary>
/// The main job for real: a console and an engine pair, scan this machine, change the direction, scan again, change it
/// back and scan once more. Throws where a part of it did not happen.
/// </summary>
internal sealed class DemoStory(
    ConsoleAdmin console,
    EngineAdmin engine,
    DemoServices services,
    int consolePort,
    Action<string> say,
    CancellationToken cancellationToken)
{
    private const string EngineName = "demo-engine";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private Guid _pairingId;

    public async Task TellAsync(IPEndPoint engineAt)
    {
        say("");
        say("1. Pair: the engine's admin makes a secret, the console's admin uses it. It never crosses the wire.");
        await PairAsync(engineAt).ConfigureAwait(false);

        say("");
        say("2. Scan, the console dials the engine:");
        string first = await ScanAsync(show: true).ConfigureAwait(false);

        say("");
        say("3. Change the direction: engine to console.");
        await ChangeAsync(CommunicationDirection.EngineToConsole).ConfigureAwait(false);
        string second = await ScanAsync(show: false).ConfigureAwait(false);

        say("");
        say("4. And back: console to engine.");
        await ChangeAsync(CommunicationDirection.ConsoleToEngine).ConfigureAwait(false);
        string third = await ScanAsync(show: false).ConfigureAwait(false);

        Demand(
            first == second && second == third,
            "The scans of the same ports found different things in different directions.");
        say("The three scans found the same.");
    }

    private async Task PairAsync(IPEndPoint engineAt)
    {
        PairingSecret secret = engine.CreateSecret(TimeSpan.FromMinutes(5), EngineName, singleUse: true).Secret;
        EngineRecord paired = await console.RegisterEngineAsync(
            EngineName, engineAt.Address.ToString(), engineAt.Port, secret, cancellationToken).ConfigureAwait(false);
        _pairingId = paired.PairingId;
        await ActiveAsync(CommunicationDirection.ConsoleToEngine).ConfigureAwait(false);
    }

    private async Task ChangeAsync(CommunicationDirection direction)
    {
        var request = new DirectionChangeRequest { Direction = direction, Timeout = Patience };
        FirewallPlan plan = await console.Direction.ChangeAsync(
            _pairingId, request, change => say($"   {change.State}: {change.Detail}"), cancellationToken)
            .ConfigureAwait(false);
        Demand(plan.State == ChangeState.Committed, $"The change is {plan.State}.");
        say(FirewallPlanText.Render(plan));
        await ActiveAsync(direction).ConfigureAwait(false);
    }

    private async Task ActiveAsync(CommunicationDirection direction)
    {
        EngineRecord active = await console.WaitEngineAsync(
            _pairingId,
            now => now.Status == CommunicationStatus.Active && now.Direction == direction,
            Patience,
            null,
            cancellationToken).ConfigureAwait(false);
        say(DemoText.Status(active, consolePort));
    }

    /// <summary>Scans, checks what was found against what is there, and returns it in a form to compare.</summary>
    private async Task<string> ScanAsync(bool show)
    {
        var request = new ScanRequest
        {
            Targets = ["127.0.0.1"],
            Ports = string.Join(',', services.PortsToScan()),

            // The ports that greet are this process's own, and it may be late on a busy machine.
            BannerTimeout = TimeSpan.FromSeconds(3),
        };
        ScanRecord queued = console.Scans.Add(_pairingId, request);
        ScanRecord scan = await console.Scans.WaitAsync(queued.ScanId, Patience, null, cancellationToken)
            .ConfigureAwait(false);
        Demand(scan.State == ScanState.Completed, $"The scan is {scan.State}: {scan.Detail}");
        Dictionary<int, Finding> found = console.Store.ReadFindings(scan.ScanId).ToDictionary(finding => finding.Port);
        if (show)
        {
            say(DemoText.Findings(found.Values));
        }

        say($"   {found.Count} ports, {found.Values.Count(finding => finding.State == PortState.Open)} open, "
            + $"{scan.FindingCount} findings in the console's store.");
        Check(found);
        return string.Join(' ', services.OpenPorts.Keys.Append(services.ClosedPort).Order()
            .Select(port => $"{port}={found[port].State}/{found[port].Banner}"));
    }

    private void Check(Dictionary<int, Finding> found)
    {
        foreach ((int port, string? greeting) in services.OpenPorts)
        {
            Demand(found[port].State == PortState.Open, $"Port {port} is open and was not found open.");
            Demand(
                greeting is null || found[port].Banner?.Contains(greeting, StringComparison.Ordinal) == true,
                $"Port {port} says '{greeting}' and that was not found.");
        }

        Demand(
            found[services.ClosedPort].State == PortState.Closed,
            $"Port {services.ClosedPort} is closed and was not found closed.");
    }

    private static void Demand(bool condition, string otherwise)
    {
        if (!condition)
        {
            throw new InvalidOperationException(otherwise);
        }
    }
}
