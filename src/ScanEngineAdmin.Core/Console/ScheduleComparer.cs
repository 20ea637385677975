using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Domain.Schedules;
using ScanEngineAdmin.Scanning.Compare;
using ScanEngineAdmin.Scanning.Schedules;

namespace ScanEngineAdmin.Core.Console;

/// <summary>
/// Compares the last run of a schedule with the one before it and notes what is different. One at a time, beside the
/// loop: a run may have millions of findings, and another schedule is due meanwhile.
/// </summary>
internal sealed class ScheduleComparer(ConsoleContext node)
{
    private Task _work = Task.CompletedTask;

    /// <summary>Looks for a run that was not compared, unless one is being compared.</summary>
    public Task Wake(
        IReadOnlyList<UnderstoodSchedule> schedules, Func<Guid, bool> isOpen, CancellationToken cancellationToken)
    {
        if (!_work.IsCompleted)
        {
            return _work;
        }

        // The task is complete, so nothing waits here; what it throws is no fault of the store but of this product, and ends
        // the node.
        _work.GetAwaiter().GetResult();

        foreach (ScheduleRecord schedule in schedules.Select(one => one.Record))
        {
            if (schedule.LastScanId is { } last && last != schedule.ComparedScanId && !isOpen(last)
                && node.Store.GetScan(last) is null or { State: ScanState.Completed or ScanState.Stopped })
            {
                return _work = Task.Run(() => Compare(schedule, last, cancellationToken), CancellationToken.None);
            }
        }

        return _work;
    }

    public Task EndAsync() => _work;

    private void Compare(ScheduleRecord schedule, Guid last, CancellationToken cancellationToken)
    {
        try
        {
            IReadOnlyList<ScanRecord> runs = node.Store.ListScheduleRuns(schedule.Name, 2);
            AuditEvent? note = runs.Count == 2 && runs[0].ScanId == last
                ? Note(schedule, ScanComparison.Of(runs[1], runs[0]), cancellationToken)
                : null;

            // Both or neither: a console that is killed in between compares them again. What was read before an
            // earlier comparison ended is no reason for a second note.
            bool known = false;
            node.Store.UpdateSchedule(
                schedule.Name,
                current =>
                {
                    known = current.ComparedScanId == last;
                    return current with { ComparedScanId = last };
                },
                _ => known ? null : note);
            if (note is not null && !known)
            {
                node.Log(LogLevel.Information, note.Event, note.Detail, ("engine", note.Subject));
            }
        }
        catch (OperationCanceledException)
        {
            // The console ends; the next one does it.
        }
        catch (ScanEngineException exception)
        {
            node.Log(LogLevel.Warning, Events.StoreFault, exception.Message);
        }
    }

    private AuditEvent? Note(
        ScheduleRecord schedule, ScanComparison comparison, CancellationToken cancellationToken)
    {
        var counts = new SortedDictionary<ScanDifferenceKind, long>();
        foreach (ScanDifference difference in comparison.Read(node.Store, cancellationToken))
        {
            counts[difference.Kind] = counts.GetValueOrDefault(difference.Kind) + 1;
        }

        return counts.Count == 0 ? null : new AuditEvent
        {
            Time = node.Now,
            Class = AuditClass.Schedule,
            Event = Events.ScheduleDifference,
            PairingId = schedule.PairingId,
            Subject = comparison.Later.EngineName,
            Actor = "console",
            Detail = $"{schedule.Name}: {string.Join(", ", counts.Select(count => $"{count.Value} {count.Key}"))}; "
                + $"scan {comparison.Later.ScanId:D} against {comparison.Earlier.ScanId:D}",
        };
    }
}
