using System.Runtime.Loader;

namespace ScanEngineAdmin.Module.Tests.Hosting;

/// <summary>The module in a process that has other versions of its libraries loaded already.</summary>
[TestClass(DisableParallelization = true)]
public sealed class NeighbourTests
{
    [Theory]
    [InlineData("ConsoleToEngine")]
    [InlineData("EngineToConsole")]
    public void A_console_and_an_engine_live_beside_another_SQLite_and_other_Newtonsofts(string direction)
    {
        using var shell = new HostedPowerShell();
        using var fleet = new HostedFleet(shell, direction);
        fleet.Live(direction).Check();

        string[] contexts = ContextsOf("Microsoft.Data.Sqlite");
        Assert.Equal(["Default", "ScanEngineAdmin.Storage"], contexts);
        Assert.Equal(["Default", "an old neighbour"], ContextsOf("Newtonsoft.Json"));
        Assert.Equal(["Default"], ContextsOf("ScanEngineAdmin.Core"));
        Assert.Equal("neighbour 42", Neighbours.AskSqlite());
        Assert.Equal("{\"Neighbour\":42}", Neighbours.AskJson());
        Assert.True(
            Neighbours.OldJson.GetName().Version < typeof(Newtonsoft.Json.JsonConvert).Assembly.GetName().Version);
    }

    [Fact]
    public void The_module_is_the_one_that_the_build_filled()
    {
        using var shell = new HostedPowerShell();
        Assert.Equal(
            Path.GetDirectoryName(TestMachine.Manifest),
            shell.Get<string>("(Get-Module ScanEngineAdmin).ModuleBase"));
    }

    private static string[] ContextsOf(string assembly) => AppDomain.CurrentDomain.GetAssemblies()
        .Where(one => one.GetName().Name == assembly)
        .Select(one => AssemblyLoadContext.GetLoadContext(one)!.Name!)
        .Order(StringComparer.Ordinal).ToArray();
}
