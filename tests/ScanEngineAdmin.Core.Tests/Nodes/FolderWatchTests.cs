using System.Net;
using ScanEngineAdmin.Core.Console;
using ScanEngineAdmin.Core.Engine;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Storage;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Nodes;

/// <summary>A node whose folder goes away under it stops, in place of acknowledging into nowhere.</summary>
public sealed class FolderWatchTests : IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(3);
    private static readonly IPEndPoint Anywhere = new(IPAddress.Loopback, 0);
    private readonly TemporaryFolder _temporary = new();
    private readonly SqliteStoreProvider _stores = new();

    public void Dispose() => _temporary.Dispose();

    [Theory, NeedsLinux]
    [InlineData("removed")]
    [InlineData("replaced")]
    [InlineData("store")]
    public async Task A_console_ends_with_the_error_and_another_one_may_start(string how)
    {
        var folder = DataFolder.Resolve(_temporary.Below("data"));
        await using ConsoleNode node = await ConsoleAsync(folder);
        Lose(folder.Console, how);
        await EndsAsync(node.Completion, folder.Console);

        await using ConsoleNode next = await ConsoleAsync(folder);
        Assert.False(next.Completion.IsCompleted);
    }

    [Theory, NeedsLinux]
    [InlineData("removed")]
    [InlineData("replaced")]
    [InlineData("store")]
    public async Task An_engine_too(string how)
    {
        var folder = DataFolder.Resolve(_temporary.Below("data"));
        await using EngineNode node = await EngineAsync(folder);
        Lose(folder.Engine, how);
        await EndsAsync(node.Completion, folder.Engine);

        await using EngineNode next = await EngineAsync(folder);
        Assert.False(next.Completion.IsCompleted);
    }

    [Fact, NeedsLinux]
    public void What_is_written_into_a_store_that_is_gone_is_not_said_to_be_written()
    {
        using IConsoleStore store = _stores.OpenConsole(_temporary.Path);
        store.SetSetting("before", "x");
        File.Move(_temporary.Below("store.db"), _temporary.Below("elsewhere"));

        Assert.Equal(
            FaultCode.DataFolderReplaced,
            Assert.Throws<ScanEngineException>(() => store.SetSetting("after", "x")).Code);
    }

    private static async Task EndsAsync(Task completion, string folder)
    {
        ScanEngineException fault = await Assert.ThrowsAsync<ScanEngineException>(() => completion.WaitAsync(Bound));
        Assert.Equal(FaultCode.DataFolderReplaced, fault.Code);
        Assert.Contains(folder, fault.Message, StringComparison.Ordinal);
    }

    private static void Lose(string folder, string how)
    {
        if (how == "store")
        {
            File.Delete(Path.Combine(folder, "store.db"));
            return;
        }

        Directory.Move(folder, folder + ".gone");
        if (how == "replaced")
        {
            Directory.CreateDirectory(folder);
        }
    }

    private Task<ConsoleNode> ConsoleAsync(DataFolder folder) => ConsoleNode.StartAsync(
        folder, _stores, new ConsoleNodeOptions { Listen = Anywhere }, _ => { }, CancellationToken.None);

    private Task<EngineNode> EngineAsync(DataFolder folder) => EngineNode.StartAsync(
        folder, _stores, new EngineNodeOptions { Listen = Anywhere }, _ => { }, CancellationToken.None);
}
