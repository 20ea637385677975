using System.Globalization;
using ScanEngineAdmin.Core.Console;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Core.Admin;

/// <summary>
/// Watches a change of direction that the running console works on, and says what came of it. Whoever stops watching
/// leaves the change to the console.
/// </summary>
internal sealed class DirectionWatch(IConsoleStore store, NodeClient client, DirectionFirewall firewall)
{
    // The console counts from when it takes the change up, not from when it was asked for.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    /// <summary>The change as it was decided. Throws ChangeFailed when it was rolled back, TimedOut.</summary>
    public async Task<ChangeRecord> WatchAsync(
        EngineRecord engine, ChangeRecord change, Action<ChangeRecord>? progress, CancellationToken cancellationToken)
    {
        ChangeRecord Read()
        {
            // Asked before: a console that decides and stops has decided when it is seen to have stopped.
            bool runs = client.IsRunning;
            ChangeRecord now = store.GetChange(change.ChangeId) ?? throw Gone(engine, change);
            return runs || now.IsDecided ? now : throw NoConsole(
                engine, "It stopped during the change; when it runs again it settles the change by itself.");
        }

        if (change.ApplyFirewall)
        {
            // Its time begins when the changes before it have had their rules.
            await client.WatchAsync(
                Read, static now => now.State != ChangeState.Requested,
                ChangeFirewall.LongestTurn + change.Timeout + Grace, progress, cancellationToken).ConfigureAwait(false);
        }

        ChangeRecord? settled = await client.WatchAsync(
            Read,
            now => now.IsDecided && (now.State == ChangeState.RolledBack || now.Acknowledged is not null),
            change.Timeout + Grace,
            progress,
            cancellationToken).ConfigureAwait(false);
        ChangeRecord last = settled ?? store.GetChange(change.ChangeId) ?? throw Gone(engine, change);
        if (last.State == ChangeState.RolledBack)
        {
            string rules = last.ApplyFirewall
                ? await firewall.ClosedAsync(last, cancellationToken).ConfigureAwait(false)
                : string.Empty;
            if (last.Fault == FaultCode.ApplierNotRunning)
            {
                throw firewall.NoApplier(engine);
            }

            throw new ScanEngineException(
                FaultCode.ChangeFailed,
                $"Engine '{engine.Name}' stays {last.From} ({last.Fault?.ToString() ?? "no cause known"}): "
                    + last.Detail + rules,
                last.Detail.StartsWith("Preflight", StringComparison.Ordinal)
                    ? $"Set-ScanEngineCommunication -Name '{engine.Name}' -Direction {last.To} -Offline changes it "
                        + "when the engine can be reached again."
                    : $"Test-EngineFirewall {Tested(engine, last)} shows the stage that fails.",
                engine.Name);
        }

        if (!last.IsDecided)
        {
            throw new ScanEngineException(
                FaultCode.TimedOut,
                $"The console has not decided the change of engine '{engine.Name}' to {last.To} yet ({last.State}).",
                "The change is the console's and goes on; Get-ScanEngine shows the direction in force.",
                engine.Name);
        }

        if (last.Acknowledged is null)
        {
            // The change holds; an engine that has not heard of it keeps both ways open until it does.
            last = last with
            {
                Detail = "The new direction is in force. The engine has not acknowledged it yet; both ways stay open "
                    + "until then.",
            };
            progress?.Invoke(last);
        }

        return last;
    }

    public static ScanEngineException NoConsole(EngineRecord engine, string detail) => new(
        FaultCode.ConsoleNotRunning,
        $"No console runs here that could change engine '{engine.Name}'. {detail}",
        "Start-SecurityConsole",
        engine.Name);

    private static ScanEngineException Gone(EngineRecord engine, ChangeRecord change) => new(
        FaultCode.ChangeNotFound,
        $"The change of engine '{engine.Name}' is gone: the engine was unregistered meanwhile.",
        "Get-ScanEngine lists the engines that there are.",
        $"{change.ChangeId:D}");

    // What the change named went with it: by its name the engine would be tested where it was before.
    private static string Tested(EngineRecord engine, ChangeRecord change)
    {
        string? host = change.Address ?? engine.Address ?? engine.ObservedAddress;
        int port = change.Port ?? engine.Port;
        bool elsewhere = host != (engine.Address ?? engine.ObservedAddress) || port != engine.Port;
        return change.To == CommunicationDirection.ConsoleToEngine && elsewhere
            ? string.Create(CultureInfo.InvariantCulture, $"-ComputerName {host} -Port {port}")
            : $"-Name '{engine.Name}' -Direction {change.To}";
    }
}
