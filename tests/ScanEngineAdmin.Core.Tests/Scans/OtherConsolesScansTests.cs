using ScanEngineAdmin.Core.Engine;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Core.Tests.Nodes;
using ScanEngineAdmin.Domain.Stores;

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
        using var host = new EngineStoreHost();
        Guid hostile = host.Pair();
        Guid other = host.Pair();
        Guid scan = Guid.NewGuid();
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var release = new ManualResetEventSlim();
        await using var scans = new EngineScans(
            WatchedStore<IEngineStore>.Wrap(host.Store, (member, given) =>
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
            await scans.StartAsync(hostile, EngineStoreHost.Lasting(scan, attempt: 1));
            await held.Task.WaitAsync(Bound);
            Task next = scans.StartAsync(hostile, EngineStoreHost.Lasting(scan, attempt: 2));

            await scans.StartAsync(other, EngineStoreHost.Lasting(Guid.NewGuid(), attempt: 1)).WaitAsync(Bound / 2);
            await scans.DropAsync(other, Guid.NewGuid(), attempt: 1).WaitAsync(Bound / 2);

            Assert.Equal(1, scans.Runs.Count(other));
            Assert.False(next.IsCompleted);
            release.Set();
            await next.WaitAsync(Bound);
            Assert.Equal(2, host.Store.GetScan(hostile, scan)!.Attempt);
        }
        finally
        {
            release.Set();
        }
    }
}
