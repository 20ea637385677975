using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Scanning.Plan;

/// <summary>
/// Why a scan is still queued, as far as it shows at the console: none runs, its engine is not there, or others go
/// first, or a maintenance window lasts. Worked out when it is looked at, and never stored: it changes with the engine and not with the scan.
/// </summary>
/// <param name="store">The console's.</param>
/// <param name="consoleRuns">Whether a console runs that could start it.</param>
/// <param name="blackOut">The end of a maintenance window of the console that lasts now.</param>
internal sealed class ScanWaiting(IConsoleStore store, bool consoleRuns, DateTimeOffset? blackOut)
{
    private readonly Dictionary<Guid, EngineRecord?> _engines = [];
    private IReadOnlyDictionary<Guid, int>? _running;

    public ScanRecord Explain(ScanRecord scan)
    {
        // A pool's scan waits also between two parts.
        if (scan is not { State: ScanState.Queued, Cause: ScanCause.None }
            and not { IsPool: true, State: ScanState.Running, Cause: ScanCause.None })
        {
            return scan;
        }

        (ScanCause cause, string detail) = Why(scan);
        return cause == ScanCause.None ? scan : scan with
        {
            Cause = cause,
            Detail = scan.Detail.Length == 0 ? detail : $"{scan.Detail}; {detail}",
        };
    }

    private (ScanCause Cause, string Detail) Why(ScanRecord scan)
    {
        if (!consoleRuns)
        {
            return (ScanCause.ConsoleNotRunning, "No console runs that could start it: Start-SecurityConsole.");
        }

        if (blackOut is { } until)
        {
            return (ScanCause.MaintenanceWindow, $"A maintenance window of the console lasts until {until:u}.");
        }

        if (scan.IsPool)
        {
            bool any = store.ListPoolMembers(scan.PairingId).Any(static member => member.IsPaired && member.IsActive);
            return any
                ? (ScanCause.None, string.Empty)
                : (ScanCause.EngineNotReached, $"No engine of pool {scan.EngineName} is Active.");
        }

        if (!_engines.TryGetValue(scan.PairingId, out EngineRecord? engine))
        {
            engine = _engines[scan.PairingId] = store.GetEngine(scan.PairingId);
        }

        if (engine is { Status: not (CommunicationStatus.Active or CommunicationStatus.Unknown) })
        {
            string next = engine.NextExpected is { } due ? $" Next contact due at {due:u}." : string.Empty;
            return (
                ScanCause.EngineNotReached,
                $"Engine {engine.Name} is {engine.Status}: {engine.StatusDetail.TrimEnd('.')}.{next}");
        }

        _running ??= store.CountRunningScans();
        return _running.TryGetValue(scan.PairingId, out int running) && running > 0
            ? (ScanCause.QueuedBehindOthers,
                running == 1 ? "Another scan runs at its engine." : $"{running} other scans run at its engine.")
            : (ScanCause.None, string.Empty);
    }
}
