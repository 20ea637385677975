using System.Text.Json;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Service.Tests;

/// <summary>What the host says of itself and of the nodes of a folder, and by which exit code.</summary>
public sealed class StatusTests
{
    [Theory]
    [InlineData("--help")]
    [InlineData("help")]
    [InlineData("console --help")]
    [InlineData("status -h")]
    public async Task Help_is_said_on_standard_output_and_is_no_fault(string arguments)
    {
        await using HostProcess host = HostProcess.Start(arguments.Split(' '));

        Assert.Equal(0, await host.EndAsync());
        Assert.Contains("scanengineadmin status", host.Output, StringComparison.Ordinal);
        Assert.Empty(host.Error);
    }

    [Theory]
    [InlineData("--version")]
    [InlineData("version")]
    public async Task The_version_is_said(string argument)
    {
        await using HostProcess host = HostProcess.Start(argument);

        Assert.Equal(0, await host.EndAsync());
        Assert.Matches(@"^\d+\.\d+\.\d+", host.Output);
    }

    [Theory]
    [InlineData("console")]
    [InlineData("engine")]
    public async Task A_node_is_healthy_while_it_runs(string role)
    {
        using var folder = new TemporaryFolder();
        await using HostProcess none = HostProcess.Start("status", "--data", folder.Path);
        Assert.Equal(1, await none.EndAsync());
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));

        await using (HostProcess node = HostProcess.Start(
            role, "--data", folder.Path, "--listen", "127.0.0.1:0", "--stop-with-stdin"))
        {
            await node.LineAsync(static line => line.Contains("127.0.0.1:", StringComparison.Ordinal));
            await using HostProcess status = HostProcess.Start("status", "--data", folder.Path, "--json");
            Assert.Equal(0, await status.EndAsync());
            JsonElement said = JsonDocument.Parse(status.Output).RootElement;
            Assert.True(said.GetProperty("healthy").GetBoolean());
            JsonElement one = Assert.Single(said.GetProperty("nodes").EnumerateArray().ToArray());
            Assert.Equal(role, one.GetProperty("role").GetString());
            Assert.True(one.GetProperty("running").GetBoolean());
            string other = role == "console" ? "engine" : "console";
            await using HostProcess absent = HostProcess.Start("status", "--data", folder.Path, "--role", other);
            Assert.Equal(1, await absent.EndAsync());
        }

        await using HostProcess after = HostProcess.Start("status", "--data", folder.Path);
        Assert.Equal(1, await after.EndAsync());
        Assert.Contains($"{role}: stopped", after.Output, StringComparison.Ordinal);
    }
}
