using System.Diagnostics;
using System.Globalization;
using System.Net;
using ScanEngineAdmin.Core;
using ScanEngineAdmin.Core.Console;
using ScanEngineAdmin.Core.Direction;
using ScanEngineAdmin.Core.Engine;
using ScanEngineAdmin.Core.Engines;
using ScanEngineAdmin.Core.Firewall;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Core.Pairing;
using ScanEngineAdmin.Core.Scans;
using ScanEngineAdmin.Storage;

namespace ScanEngineAdmin.Service.Demo;

/// <summary>
/// The main job for real: a console process and an engine process on loopback pair, scan this machine, change the
/// direction, scan again, change it back and scan once more. Ends with 0 only if all of it happened.
/// </summary>
internal static class DemoStory
{
    private const string EngineName = "demo-engine";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static async Task<int> RunAsync(string[] args)
    {
        bool keep = args is ["--keep"];
        if (args.Length > 0 && !keep)
        {
            throw new UsageException($"demo has no option {args[0]}.");
        }

        DirectoryInfo folder = Directory.CreateTempSubdirectory("scanengineadmin-demo-");
        long started = Stopwatch.GetTimestamp();
        using var stop = new StopSignal(withStdin: false);
        using var end = new CancellationTokenSource();
        _ = stop.Asked.ContinueWith(_ => end.Cancel(), TaskScheduler.Default);
        DemoNode? console = null;
        DemoNode? engine = null;
        try
        {
            console = DemoNode.Start("console", Path.Combine(folder.FullName, "console-host"));
            engine = DemoNode.Start("engine", Path.Combine(folder.FullName, "engine-host"));
            await TellAsync(folder, console, engine, end.Token).ConfigureAwait(false);
            bool clean = await engine.StopAsync().ConfigureAwait(false) & await console.StopAsync().ConfigureAwait(false);
            Say(clean ? "Both processes stopped cleanly." : "A process did not stop cleanly.");
            Say(string.Create(
                CultureInfo.InvariantCulture, $"Done in {Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s."));
            return clean ? ExitCode.Stopped : ExitCode.Failed;
        }
        catch (Exception exception) when (exception is ScanEngineException or InvalidOperationException or OperationCanceledException)
        {
            string next = exception is ScanEngineException fault ? $" {fault.Recommendation}" : string.Empty;
            await Console.Error.WriteLineAsync($"The demo broke off: {exception.Message}{next}").ConfigureAwait(false);
            await Console.Error.WriteLineAsync(console?.LastLines()).ConfigureAwait(false);
            await Console.Error.WriteLineAsync(engine?.LastLines()).ConfigureAwait(false);
            return ExitCode.Failed;
        }
        finally
        {
            await EndAsync(engine).ConfigureAwait(false);
            await EndAsync(console).ConfigureAwait(false);
            if (keep)
            {
                Say($"Kept: {folder.FullName}");
            }
            else
            {
                folder.Delete(recursive: true);
            }
        }
    }

    private static async Task TellAsync(
        DirectoryInfo folder, DemoNode consoleProcess, DemoNode engineProcess, CancellationToken cancellationToken)
    {
        IPEndPoint consoleAt = await consoleProcess.ListeningAsync(cancellationToken).WaitAsync(Patience, cancellationToken).ConfigureAwait(false);
        IPEndPoint engineAt = await engineProcess.ListeningAsync(cancellationToken).WaitAsync(Patience, cancellationToken).ConfigureAwait(false);
        Say($"Security Console: process {consoleProcess.ProcessId} on {consoleAt}.");
        Say($"Scan Engine:      process {engineProcess.ProcessId} on {engineAt}.");

        var stores = new SqliteStoreProvider();
        using ConsoleAdmin console = ConsoleAdmin.Open(DataFolder.Resolve(Path.Combine(folder.FullName, "console-host")), stores);
        using EngineAdmin engine = EngineAdmin.Open(DataFolder.Resolve(Path.Combine(folder.FullName, "engine-host")), stores);
        var services = new DemoServices();
        await using (services.ConfigureAwait(false))
        {
            Say("");
            Say("1. Pair: the engine's admin makes a secret, the console's admin uses it. It never crosses the wire.");
            PairingSecret secret = engine.CreateSecret(TimeSpan.FromMinutes(5), EngineName, singleUse: true).Secret;
            EngineRecord paired = await console.RegisterEngineAsync(
                EngineName, engineAt.Address.ToString(), engineAt.Port, secret, cancellationToken).ConfigureAwait(false);
            await ActiveAsync(console, paired.PairingId, CommunicationDirection.ConsoleToEngine, consoleAt, cancellationToken).ConfigureAwait(false);

            Say("");
            Say("2. Scan, the console dials the engine:");
            string first = await ScanAsync(console, paired.PairingId, services, show: true, cancellationToken).ConfigureAwait(false);

            Say("");
            Say("3. Change the direction: engine to console.");
            await ChangeAsync(console, paired.PairingId, CommunicationDirection.EngineToConsole, consoleAt, cancellationToken).ConfigureAwait(false);
            string second = await ScanAsync(console, paired.PairingId, services, show: false, cancellationToken).ConfigureAwait(false);

            Say("");
            Say("4. And back: console to engine.");
            await ChangeAsync(console, paired.PairingId, CommunicationDirection.ConsoleToEngine, consoleAt, cancellationToken).ConfigureAwait(false);
            string third = await ScanAsync(console, paired.PairingId, services, show: false, cancellationToken).ConfigureAwait(false);
            Demand(first == second && second == third, "The scans of the same ports found different things in different directions.");
            Say("The three scans found the same.");
        }
    }

    private static async Task ChangeAsync(
        ConsoleAdmin console, Guid pairingId, CommunicationDirection direction, IPEndPoint consoleAt, CancellationToken cancellationToken)
    {
        var wish = new DirectionWish { Direction = direction, Timeout = Patience };
        FirewallPlan plan = await console.ChangeDirectionAsync(
            pairingId, wish, change => Say($"   {change.State}: {change.Detail}"), cancellationToken).ConfigureAwait(false);
        Demand(plan.State == ChangeState.Committed, $"The change is {plan.State}.");
        Say(FirewallPlanText.Render(plan));
        await ActiveAsync(console, pairingId, direction, consoleAt, cancellationToken).ConfigureAwait(false);
    }

    private static async Task ActiveAsync(
        ConsoleAdmin console, Guid pairingId, CommunicationDirection direction, IPEndPoint consoleAt, CancellationToken cancellationToken)
    {
        EngineRecord engine = await console.WaitEngineAsync(
            pairingId,
            now => now.Status == CommunicationStatus.Active && now.Direction == direction,
            Patience,
            null,
            cancellationToken).ConfigureAwait(false);
        Say(DemoText.Status(engine, consoleAt.Port));
    }

    /// <summary>Scans, checks what was found against what is known to be there, and returns it in a form to compare.</summary>
    private static async Task<string> ScanAsync(
        ConsoleAdmin console, Guid pairingId, DemoServices services, bool show, CancellationToken cancellationToken)
    {
        var request = new ScanRequest { Targets = ["127.0.0.1"], Ports = string.Join(',', services.PortsToScan()) };
        ScanRecord queued = console.QueueScan(pairingId, request);
        ScanRecord scan = await console.WaitScanAsync(queued.ScanId, Patience, null, cancellationToken).ConfigureAwait(false);
        Demand(scan.State == ScanState.Completed, $"The scan is {scan.State}: {scan.Detail}");
        List<Finding> findings = console.Store.ReadFindings(scan.ScanId).ToList();
        if (show)
        {
            Say(DemoText.Findings(findings));
        }

        Dictionary<int, Finding> byPort = findings.ToDictionary(finding => finding.Port);
        foreach ((int port, string? greeting) in services.OpenPorts)
        {
            Demand(byPort[port].State == PortState.Open, $"Port {port} is open and was not found open.");
            Demand(
                greeting is null || byPort[port].Banner?.Contains(greeting, StringComparison.Ordinal) == true,
                $"Port {port} says '{greeting}' and that was not found.");
        }

        Demand(byPort[services.ClosedPort].State == PortState.Closed, $"Port {services.ClosedPort} is closed and was not found closed.");
        Say($"   {findings.Count} ports, {findings.Count(finding => finding.State == PortState.Open)} open, "
            + $"{scan.FindingCount} findings in the console's store.");
        return string.Join(
            ' ', services.OpenPorts.Keys.Append(services.ClosedPort).Order().Select(port => $"{port}={byPort[port].State}/{byPort[port].Banner}"));
    }

    private static void Demand(bool condition, string otherwise)
    {
        if (!condition)
        {
            throw new InvalidOperationException(otherwise);
        }
    }

    private static async Task EndAsync(DemoNode? node)
    {
        if (node is not null)
        {
            await node.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static void Say(string line) => Console.WriteLine(line);
}
