using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Service.Tests;

/// <summary>A host that is suspended while one of its threads waits for another one's write to its store.</summary>
public sealed class FrozenStoreTests
{
    [Fact, NeedsLinux]
    public async Task The_time_in_which_the_host_was_asleep_is_none_that_its_store_was_locked()
    {
        using var folder = new TemporaryFolder();
        await using HostProcess writer = HostProcess.StartAssembly(
            typeof(AdminProgram).Assembly.Location, "write", folder.Path);
        await writer.LineAsync(line => line == AdminProgram.WaitsForStore);
        writer.Signal(Processes.Stop);
        writer.CloseInput();

        // Nothing to wait for: it is the time itself that has to pass while it is asleep.
        await Task.Delay(AdminProgram.StoreTimeout + TimeSpan.FromSeconds(1));
        writer.Signal(Processes.Continue);

        Assert.Equal(AdminProgram.Written, await writer.LineAsync(line => line != AdminProgram.WaitsForStore));
    }
}
