using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Domain.Schedules;
using ScanEngineAdmin.Scanning.Plan;
using ScanEngineAdmin.Scanning.Schedules;

namespace ScanEngineAdmin.Core.Console;

/// <summary>
/// Ends scans where nothing may scan: in the maintenance windows of the console, and runs of a schedule in its own and
/// beyond its longest duration. They are stopped, or suspended where their schedule says so.
/// </summary>
internal sealed class ScheduleLimitsCheck(ConsoleContext node)
{
    private readonly ScanDeadlines _durations = new(node.Time);
    private IReadOnlyList<ScanRecord> _open = [];
    private HashSet<string> _running = [];
    private long _dataVersion = -1;

    /// <summary>Whether a run of that schedule was not finished at the last check.</summary>
    public bool IsRunning(string schedule) => _running.Contains(schedule);

    public bool IsOpen(Guid scanId) => _open.Any(scan => scan.ScanId == scanId);

    /// <summary>Reads the scans that are not finished; none where nothing limits any.</summary>
    public void Read(bool limited, bool rung)
    {
        if (!limited)
        {
            (_open, _running, _dataVersion) = ([], [], -1);
            return;
        }

        long version = node.Store.DataVersion;
        if (rung || version != _dataVersion)
        {
            _open = node.Store.ListScans(unfinishedOnly: true);

            // One that is suspended hinders none: nobody runs it, and it may rest for ever.
            _running = [.. _open.Where(scan => scan.State != ScanState.Suspended)
                .Select(scan => scan.Schedule).OfType<string>()];
            _dataVersion = version;
        }
    }

    public void Check(IReadOnlyList<UnderstoodSchedule> schedules, DateTimeOffset? blackOut)
    {
        _durations.Keep(_open.Select(scan => scan.ScanId));
        foreach (ScanRecord scan in _open.Where(scan => !scan.StopRequested))
        {
            UnderstoodSchedule? schedule = schedules.FirstOrDefault(one => one.Record.Name == scan.Schedule);
            if (Why(scan, schedule, blackOut) is { } why)
            {
                LimitRule rule = schedule?.Record.OnLimit ?? LimitRule.Stop;
                if (rule == LimitRule.Suspend && _open.Count(other => other.State == ScanState.Suspended
                    && other.Schedule == scan.Schedule) >= ScheduleLimits.MaxSuspended)
                {
                    rule = LimitRule.Stop;
                    why += $", and {ScheduleLimits.MaxSuspended} runs of it are suspended already";
                }

                End(scan, why, rule);
            }
        }
    }

    private string? Why(ScanRecord scan, UnderstoodSchedule? schedule, DateTimeOffset? blackOut)
    {
        if (scan.State == ScanState.Suspended)
        {
            // Nobody runs it.
            return null;
        }

        // What waits in the queue is not started while the console's window lasts.
        if (blackOut is { } until && scan.State != ScanState.Queued)
        {
            return $"a maintenance window of the console lasts until {until:u}";
        }

        if (schedule is null)
        {
            return null;
        }

        if (schedule.Record.MaxDuration is { } most
            && _durations.Left(scan with
            {
                Deadline = (scan.Resumed ?? scan.Queued) + most,
                DeadlineAfter = most,
            }) <= TimeSpan.Zero)
        {
            return $"the longest duration of schedule '{schedule.Record.Name}' is over ({most})";
        }

        return schedule.BlackOut.Until(node.Now) is { } end
            ? $"a maintenance window of schedule '{schedule.Record.Name}' lasts until {end:u}"
            : null;
    }

    /// <summary>
    /// The one place where a scan has to end for a schedule's sake, at its place. Resume-EngineScan goes on with it.
    /// </summary>
    private void End(ScanRecord scan, string why, LimitRule rule)
    {
        bool asked = false;
        string how = rule == LimitRule.Suspend ? "Suspended" : "Stopped";
        node.Store.UpdateScan(
            scan.ScanId,
            current =>
            {
                asked = current is { IsFinished: false, StopRequested: false, State: not ScanState.Suspended }
                    && (rule == LimitRule.Stop || current.Suspension != ScanSuspension.Asked);
                return !asked ? current
                    : rule == LimitRule.Suspend
                        ? ScanOutcome.Suspend(current, node.Now) with { Detail = $"{how}: {why}." }
                    : current.State == ScanState.Queued ? ScanOutcome.Stopped(current, node.Now, $"{how}: {why}.")
                    : current with { StopRequested = true, Detail = $"{how}: {why}." };
            },
            current => !asked ? null : new AuditEvent
            {
                Time = node.Now,
                Class = AuditClass.Schedule,
                Event = Events.ScheduleRunStopped,
                PairingId = current.PairingId,
                Subject = current.EngineName,
                Actor = "console",
                Detail = $"{current.ScanId:D}: {why}",
            });
        if (asked)
        {
            node.Log(
                LogLevel.Information, Events.ScheduleRunStopped, $"Scan {scan.ScanId}: {how}: {why}.",
                ("scan", scan.ScanId.ToString("D")), ("engine", scan.EngineName));
        }
    }
}
