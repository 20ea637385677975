using Microsoft.Data.Sqlite;
using ScanEngineAdmin.Core.Tests.EndToEnd;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Core.Tests.Hosts;

/// <summary>Another program holds a node's store for longer than is waited for, in the middle of a scan.</summary>
[Trait("Speed", "Slow")]
public sealed class LockedStoreTests
{
    [Fact]
    public Task A_node_whose_store_is_held_goes_on_when_it_is_given_back() => Task.WhenAll(
        HoldAsync(CommunicationDirection.ConsoleToEngine, console: false),
        HoldAsync(CommunicationDirection.ConsoleToEngine, console: true),
        HoldAsync(CommunicationDirection.EngineToConsole, console: false),
        HoldAsync(CommunicationDirection.EngineToConsole, console: true));

    private static async Task HoldAsync(CommunicationDirection way, bool console)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        using var targets = new ScanTargets();
        ScanRecord scan = await targets.HeldAsync(pair, seconds: 4);
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        pair.Logged = entry =>
        {
            if (entry.Event == (console ? "UploadInterrupted" : "ScanInterrupted"))
            {
                told.TrySetResult();
            }
        };
        string store = Path.Combine(console ? pair.ConsoleFolder.Console : pair.EngineFolder.Engine, "store.db");
        using (SqliteConnection holder = new($"Data Source={store};Pooling=False"))
        {
            holder.Open();
            using SqliteCommand hold = holder.CreateCommand();
            hold.CommandText = "BEGIN IMMEDIATE";
            hold.ExecuteNonQuery();
            targets.Release();
            await told.Task.WaitAsync(NodePair.Patience);
            Assert.False(pair.EngineNode!.Completion.IsCompleted || pair.ConsoleNode!.Completion.IsCompleted);
            hold.CommandText = "ROLLBACK";
            hold.ExecuteNonQuery();
        }

        ScanRecord done = await targets.CompletedAsync(pair, scan);
        Assert.Equal(1, done.Attempt);
    }
}
