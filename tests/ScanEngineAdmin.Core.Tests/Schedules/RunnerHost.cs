using System.Collections.Concurrent;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Console;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Core.Tests.Nodes;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Domain.Schedules;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Schedules;

/// <summary>
/// A console's schedules without the rest of a console, by a clock of the test: it is 03:04:05 UTC on 2030-01-02, a
/// Wednesday.
/// </summary>
internal sealed class RunnerHost : IDisposable
{
    private readonly TemporaryFolder _temporary = new();
    private readonly WatchedStores _stores = new();
    private readonly DataFolder _folder;
    private readonly ConsoleNodeOptions _options;
    private ConsoleContext? _context;
    private int _linksRung;

    internal RunnerHost()
    {
        _folder = DataFolder.Resolve(_temporary.Path);
        Admin = ConsoleAdmin.Open(_folder, _stores, Time);
        _options = new ConsoleNodeOptions { Channel = ChannelOptions.Default with { Time = Time } };
        Engine = new EngineRecord
        {
            PairingId = Guid.NewGuid(),
            EngineId = Guid.NewGuid(),
            Name = "lab",
            Direction = CommunicationDirection.EngineToConsole,
            State = EngineState.Paired,
            ApprovedByEngine = true,
            Registered = DateTimeOffset.UnixEpoch,
        };
        Admin.Store.AddEngine(Engine);
    }

    internal ManualTime Time { get; } = new();

    internal ScheduleRunner Runner { get; private set; } = null!;

    internal ConsoleAdmin Admin { get; }

    internal EngineRecord Engine { get; }

    internal IConsoleStore Store => Admin.Store;

    internal ConcurrentQueue<LogEntry> Log { get; } = new();

    internal bool IsBlackedOut => _context!.IsBlackedOut;

    internal int LinksRung => Volatile.Read(ref _linksRung);

    internal TimeSpan Turn => _options.StoreCheck;

    /// <summary>Called before every access of the runner to the store.</summary>
    internal Action<string, object?[]> OnStore
    {
        set => _stores.OnConsole = value;
    }

    internal ScheduleRecord Add(string cron, Func<ScheduleRecord, ScheduleRecord>? change = null)
    {
        ScheduleRecord schedule = Make.Schedule("UTC", cron) with { PairingId = Engine.PairingId };
        return Admin.Schedules.Add(change?.Invoke(schedule) ?? schedule);
    }

    internal ScheduleRecord Schedule(string name = "nightly") => Store.FindSchedule(name)!;

    internal ScanRecord[] Runs() => [.. Store.ListScans().Where(scan => scan.Schedule is not null)];

    internal string[] Trail(string name) =>
        [.. Store.ListEvents(1000).Where(entry => entry.Event == name).Select(entry => entry.Detail).Reverse()];

    /// <summary>A console begins, and has looked.</summary>
    internal async Task StartAsync()
    {
        string path = _folder.EnsureConsole();
        _context = new ConsoleContext(
            path, _stores.OpenConsole(path), _options, new BoundedLog(Log.Enqueue, Time));
        Runner = new ScheduleRunner(_context, _stores.Cron, () => Interlocked.Increment(ref _linksRung));
        await LookAsync();
    }

    /// <summary>It ends, or is killed: what it knew is gone.</summary>
    internal void Stop()
    {
        _context?.Dispose();
        _context = null;
    }

    internal Task LookAsync() => Runner.Look(rung: true, CancellationToken.None);

    /// <summary>Time passes, and the loop turns often enough for nothing to be late.</summary>
    internal async Task PassAsync(TimeSpan by)
    {
        TimeSpan step = TimeSpan.FromSeconds(30);
        for (TimeSpan left = by; left > TimeSpan.Zero; left -= step)
        {
            Time.Advance(left < step ? left : step);
            await Runner.Look(rung: false, CancellationToken.None);
        }
    }

    /// <summary>It leaps: what was due between is missed.</summary>
    internal Task LeapAsync(TimeSpan by)
    {
        Time.Advance(by);
        return LookAsync();
    }

    /// <summary>One of an admin, in that state.</summary>
    internal ScanRecord Scan(ScanState state)
    {
        ScanRecord scan = Admin.Scans.Add(Engine.PairingId, new ScanRequest { Targets = ["127.0.0.1"], Ports = "22" });
        return Store.UpdateScan(scan.ScanId, now => now with { State = state })!;
    }

    internal void Finish(ScanRecord scan, ScanState state = ScanState.Completed) => Store.UpdateScan(
        scan.ScanId, now => now with { State = state, Finished = Time.GetUtcNow() });

    public void Dispose()
    {
        Stop();
        Admin.Dispose();
        _temporary.Dispose();
    }
}
