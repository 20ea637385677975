using System.Globalization;
using ScanEngineAdmin.Core.Directions;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Core.Console;

/// <summary>
/// Removes finished scans when their time is over, and the oldest of an engine before its quota is used up, so that a
/// console can run for years. What an admin removes is another matter.
/// </summary>
internal sealed class ScanRetention(IConsoleStore store, TimeProvider time, Action<AuditEvent> removed)
{
    /// <summary>While nobody has set another.</summary>
    public static readonly TimeSpan DefaultKeep = TimeSpan.FromDays(365);

    // It is found through indexes; but nothing grows old in seconds.
    private static readonly TimeSpan Spacing = TimeSpan.FromSeconds(10);

    private long? _looked;

    public static TimeSpan Keep(INodeStore store) =>
        TimeSpan.TryParseExact(
            store.GetSetting(ConsoleSettings.KeepScans), "c", CultureInfo.InvariantCulture, out TimeSpan keep)
            && keep > TimeSpan.Zero
            ? keep
            : DefaultKeep;

    /// <summary>A few of them; false if there was none.</summary>
    public bool Step()
    {
        if (_looked is { } last && time.GetElapsedTime(last) < Spacing)
        {
            return false;
        }

        TimeSpan keep = Keep(store);
        DateTimeOffset now = time.GetUtcNow();
        DateTimeOffset before = now - DateTimeOffset.MinValue > keep ? now - keep : DateTimeOffset.MinValue;
        List<AuditEvent> notes = [];
        IReadOnlyList<ScanRecord> gone = store.RemoveOldScans(before, scan =>
        {
            AuditEvent note = Note(scan, before, now);
            notes.Add(note);
            return note;
        });
        foreach (AuditEvent note in notes)
        {
            removed(note);
        }

        _looked = gone.Count > 0 ? null : time.GetTimestamp();
        return gone.Count > 0;
    }

    private static AuditEvent Note(ScanRecord scan, DateTimeOffset before, DateTimeOffset now) => new()
    {
        Time = now,
        Event = Events.ScanExpired,
        PairingId = scan.PairingId,
        Subject = scan.EngineName,
        Actor = "console",
        Detail = scan.Finished < before
            ? $"{scan.ScanId:D}: it ended {scan.Finished:u}, and is not kept longer."
            : $"{scan.ScanId:D}: it ended {scan.Finished:u}, and the engine's quota is nearly used up.",
    };
}
