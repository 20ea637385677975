using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Service.Tests;

/// <summary>What a process says, and with which exit code it ends, when it cannot do what it was started for.</summary>
public sealed class CannotStartTests
{
    // Where a SQLite file says which version of the schema it has.
    private const int UserVersion = 60;

    [Theory]
    [InlineData("")]
    [InlineData("consol")]
    [InlineData("console --once")]
    [InlineData("console --data")]
    [InlineData("console --listen 40815")]
    [InlineData("console --listen ::1")]
    [InlineData("console --listen 127.0.0.1")]
    [InlineData("engine --advertise here")]
    [InlineData("engine --keep-scans 30")]
    [InlineData("console --keep-scans 0")]
    [InlineData("console --keep-scans soon")]
    [InlineData("engine --listen 127.0.0.1:65536")]
    [InlineData("demo --keep --keep")]
    public async Task Bad_arguments_end_with_2_and_the_usage(string arguments)
    {
        await using HostProcess host = HostProcess.Start(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal(2, await host.EndAsync());
        Assert.Contains("scanengineadmin console [--data FOLDER]", host.Error, StringComparison.Ordinal);
        Assert.Empty(host.Output);
    }

    [Theory]
    [InlineData("consle", "console")]
    [InlineData("console --dta", "--data")]
    public async Task A_slip_of_the_pen_is_told_what_was_meant(string arguments, string meant)
    {
        await using HostProcess host = HostProcess.Start(arguments.Split(' '));

        Assert.Equal(2, await host.EndAsync());
        Assert.Matches($"(?m)Did you mean .*\n{meant}$", host.Error);
    }

    [Theory]
    [InlineData("firewall-applier")]
    [InlineData("firewall-applier --role console --ports 443,x")]
    [InlineData("firewall-applier --role console --allow-from nowhere/99")]
    [InlineData("firewall-applier --role console --provider 1")]
    [InlineData("status --role 0")]
    public async Task A_value_that_is_none_is_refused(string arguments)
    {
        await using HostProcess host = HostProcess.Start(arguments.Split(' '));

        Assert.Equal(2, await host.EndAsync());
    }

    [Theory]
    [InlineData("[suggest:4]", "cons", "console")]
    [InlineData("[suggest:9]", "engine --", "--listen")]
    [InlineData("[suggest:24]", "firewall-applier --role ", "Console")]
    public async Task A_shell_is_told_how_a_line_may_go_on(string directive, string line, string word)
    {
        await using HostProcess host = HostProcess.Start(directive, line);

        Assert.Equal(0, await host.EndAsync());
        Assert.Contains(word, host.Output.Split('\n'));
    }

    [Theory]
    [InlineData("console")]
    [InlineData("engine")]
    public async Task A_port_in_use_ends_with_3_and_names_its_holder(string role)
    {
        using var folder = new TemporaryFolder();
        using var holder = new TcpListener(IPAddress.Loopback, 0);
        holder.Start();

        await using HostProcess host = HostProcess.Start(
            role, "--data", folder.Path, "--listen", holder.LocalEndpoint.ToString()!);

        Assert.Equal(3, await host.EndAsync());
        Assert.Contains("PortInUse", host.Error, StringComparison.Ordinal);
        Assert.Contains(holder.LocalEndpoint.ToString()!, host.Error, StringComparison.Ordinal);
        if (OperatingSystem.IsLinux())
        {
            Assert.Contains($"(id {Environment.ProcessId})", host.Error, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("console", "ConsoleAlreadyRunning")]
    [InlineData("engine", "EngineAlreadyRunning")]
    public async Task A_folder_in_use_ends_with_3_and_names_its_holder(string role, string fault)
    {
        using var folder = new TemporaryFolder();
        await using HostProcess first = HostProcess.Start(role, "--data", folder.Path, "--listen", "127.0.0.1:0");
        await first.ListeningAsync(role);

        await using HostProcess second = HostProcess.Start(role, "--data", folder.Path, "--listen", "127.0.0.1:0");

        Assert.Equal(3, await second.EndAsync());
        Assert.Contains(fault, second.Error, StringComparison.Ordinal);
        Assert.Contains($"process {first.Id} ", second.Error, StringComparison.Ordinal);
        Assert.False(first.HasExited);
    }

    [Fact, NeedsLinux]
    [UnsupportedOSPlatform("windows")]
    public async Task A_key_that_others_can_read_ends_with_3_and_what_to_do()
    {
        using var folder = new TemporaryFolder();
        await RunOnceAsync(folder);
        string key = Path.Combine(folder.Path, "console", "node.key");
        File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);

        await AssertCannotStartAsync(folder, "KeyReadableByOthers", $"chmod 600 '{key}'");
    }

    [Fact]
    public async Task A_damaged_store_ends_with_3_and_is_left_as_it_is()
    {
        using var folder = new TemporaryFolder();
        await RunOnceAsync(folder);
        string store = Path.Combine(folder.Path, "console", "store.db");
        byte[] damaged = new byte[8192];
        Array.Fill(damaged, (byte)'x');
        await File.WriteAllBytesAsync(store, damaged);

        await AssertCannotStartAsync(folder, "StoreDamaged", store);
        Assert.Equal(damaged, await File.ReadAllBytesAsync(store));
    }

    [Fact]
    public async Task A_store_of_a_newer_version_ends_with_3()
    {
        using var folder = new TemporaryFolder();
        await RunOnceAsync(folder);
        string store = Path.Combine(folder.Path, "console", "store.db");
        byte[] bytes = await File.ReadAllBytesAsync(store);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(UserVersion), 999);
        await File.WriteAllBytesAsync(store, bytes);

        await AssertCannotStartAsync(folder, "StoreNewer", "has version 999");
    }

    private static async Task RunOnceAsync(TemporaryFolder folder)
    {
        await using HostProcess host = HostProcess.Start(
            "console", "--data", folder.Path, "--listen", "127.0.0.1:0", "--stop-with-stdin");
        await host.ListeningAsync("console");
        host.CloseInput();
        Assert.Equal(0, await host.EndAsync());
    }

    private static async Task AssertCannotStartAsync(TemporaryFolder folder, string fault, string says)
    {
        await using HostProcess host = HostProcess.Start("console", "--data", folder.Path, "--listen", "127.0.0.1:0");
        Assert.Equal(3, await host.EndAsync());
        Assert.StartsWith(fault, host.Error, StringComparison.Ordinal);
        Assert.Contains(says, host.Error, StringComparison.Ordinal);
        Assert.Empty(host.Output);
    }
}
