using ScanEngineAdmin.Core.Engine;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Core.Tests.Nodes;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Storage;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Scans;

/// <summary>
/// One console's attempt does not come to its end (its ports answer nothing for minutes, or its data finds no room):
/// what it asks for waits, and no other console's scans do.
/// </summary>
public sealed class OtherConsolesScansTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task A_console_whose_attempt_does_not_end_keeps_nobody_elses_scans_from_beginning()
    {
        using var folder = new TemporaryFolder();
        using IEngineStore store = new SqliteStoreProvider().OpenEngine(folder.Path);
        Guid hostile = Pair(store);
        Guid other = Pair(store);
        Guid scan = Guid.NewGuid();
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var release = new ManualResetEventSlim();
        await using var scans = new EngineScans(
            WatchedStore<IEngineStore>.Wrap(store, (member, given) =>
            {
                if (member == nameof(IEngineStore.AppendBatch) && given[0] is Guid pairing && pairing == hostile)
                {
                    held.TrySetResult();
                    release.Wait(Bound);
                }
            }),
            new EngineNodeOptions(),
            new BoundedLog(_ => { }, TimeProvider.System));
        try
        {
            await scans.StartAsync(hostile, Start(scan, attempt: 1));
            await held.Task.WaitAsync(Bound);
            Task next = scans.StartAsync(hostile, Start(scan, attempt: 2));

            await scans.StartAsync(other, Start(Guid.NewGuid(), attempt: 1)).WaitAsync(Bound / 2);
            await scans.DropAsync(other, Guid.NewGuid(), attempt: 1).WaitAsync(Bound / 2);

            Assert.Equal(1, scans.Runs.Count(other));
            Assert.False(next.IsCompleted);
            release.Set();
            await next.WaitAsync(Bound);
            Assert.Equal(2, store.GetScan(hostile, scan)!.Attempt);
        }
        finally
        {
            release.Set();
        }
    }

    private static Guid Pair(IEngineStore store)
    {
        var pairing = Guid.NewGuid();
        store.AddConsole(new ConsoleRecord
        {
            PairingId = pairing,
            ConsoleId = Guid.NewGuid(),
            State = ConsoleState.Paired,
            Direction = CommunicationDirection.ConsoleToEngine,
            FirstSeen = DateTimeOffset.UtcNow,
        });
        return pairing;
    }

    /// <summary>At one port in a second and a hundred of them it lasts as long as the test.</summary>
    private static ScanStart Start(Guid scan, int attempt) => new()
    {
        ScanId = scan,
        Attempt = attempt,
        Targets = ["127.0.0.1"],
        Ports = "2001-2100",
        TimeoutMs = 1000,
        Parallelism = 1,
        MaxRate = 1,
        BannerTimeoutMs = 300,
        FromUnit = 0,
    };
}
