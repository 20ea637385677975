using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Faults.Soak;

/// <summary>Whether nothing is under way any more, and both ends of every pairing say the same.</summary>
internal static class Settlement
{
    /// <summary>The first thing that is still open, in words; null when all is settled.</summary>
    public static string? Open(SoakLab lab, Recoveries recoveries)
    {
        if (lab.Console.Store.ListScans(unfinishedOnly: true) is [var scan, ..] scans)
        {
            return $"{scans.Count} scans are not finished: {scan.ScanId} of {scan.EngineName} is {scan.State}, "
                + $"attempt {scan.Attempt}, batch {scan.LastBatch}, {scan.FindingCount} findings {scan.Detail}";
        }

        if (lab.Console.Store.ListSchedules().FirstOrDefault(schedule => schedule.Runs == 0) is { } waiting)
        {
            return $"schedule {waiting.Name} has begun no run, next {waiting.Next:u}: {waiting.Detail}";
        }

        return recoveries.Missing is [var silent, ..]
            ? $"{silent} has not been heard of since it was healed"
            : lab.Engines.Select(engine => Open(lab, engine)).FirstOrDefault(open => open is not null);
    }

    private static string? Open(SoakLab lab, SoakEngine engine)
    {
        EngineRecord registered = engine.Registered;
        ConsoleRecord paired = engine.Paired;
        string name = registered.Name;
        if (lab.Console.Store.ListChanges(engine.PairingId, openOnly: true) is [var change, ..])
        {
            return $"the change of {name} to {change.To} is {change.State}, not acknowledged: {change.Detail}";
        }

        if (paired.ChangeId is not null || paired.Direction != registered.Direction || paired.Epoch > registered.Epoch)
        {
            return $"{name} says {paired.Direction}, epoch {paired.Epoch}"
                + $"{(paired.ChangeId is null ? string.Empty : ", in doubt")}; "
                + $"the console says {registered.Direction}, epoch {registered.Epoch}";
        }

        if (registered.Status != CommunicationStatus.Active)
        {
            return $"{name} is {registered.Status}: {registered.StatusDetail}";
        }

        if (engine.Admin.Store.ListScans() is [EngineScanRecord left, ..])
        {
            return $"{name} holds scan {left.ScanId}, {left.State}, batch {left.LastBatch}, "
                + $"acknowledged {left.AcknowledgedBatch}";
        }

        if (engine.Admin.Store.SpooledBytes() is > 0 and var bytes)
        {
            return $"{name}'s spool holds {bytes} bytes";
        }

        ProcessUse use = ProcessUse.Of(engine.Host.ProcessId);
        int listening = registered.Direction == CommunicationDirection.ConsoleToEngine ? 1 : 0;
        return use.Listening != listening || use.Connected > 1
            ? $"{name} is {registered.Direction} with {use.Listening} ports and {use.Connected} connections open"
            : null;
    }
}
