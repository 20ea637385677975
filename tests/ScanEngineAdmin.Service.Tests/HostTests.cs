using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Storage;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Service.Tests;

/// <summary>The console and the engine as a process that a unit or a script starts and stops.</summary>
public sealed class HostTests
{
    [Theory, NeedsLinux]
    [InlineData("console", Processes.Interrupt)]
    [InlineData("console", Processes.Terminate)]
    [InlineData("engine", Processes.Interrupt)]
    [InlineData("engine", Processes.Terminate)]
    public async Task A_signal_stops_it_cleanly_and_its_port_is_free(string role, int signal)
    {
        using var folder = new TemporaryFolder();
        await using HostProcess host = HostProcess.Start(role, "--data", folder.Path, "--listen", OwnNetwork.AnyPort());
        IPEndPoint bound = await host.ListeningAsync(role);

        host.Signal(signal);

        Assert.Equal(0, await host.EndAsync());
        Assert.Empty(host.Error);
        await host.EventAsync(role == "console" ? "ConsoleStopped" : "EngineStopped");
        using var again = new TcpListener(bound);
        again.Start();
    }

    [Theory]
    [InlineData("console")]
    [InlineData("engine")]
    public async Task Every_line_of_its_log_is_one_json_object(string role)
    {
        using var folder = new TemporaryFolder();
        await using HostProcess host = HostProcess.Start(
            role, "--data", folder.Path, "--listen", "127.0.0.1:0", "--stop-with-stdin");
        IPEndPoint bound = await host.ListeningAsync(role);
        using (var stranger = new TcpClient())
        {
            // Something to warn about: neither TLS nor anything else that it knows.
            await stranger.ConnectAsync(bound);
            await stranger.GetStream().WriteAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray());
            await host.EventAsync("HandshakeFailed");
        }

        host.CloseInput();
        await host.EndAsync();

        string[] lines = host.Output.Split('\n');
        Assert.True(lines.Length >= 3, host.Output);
        foreach (string line in lines)
        {
            using var reader = new JsonTextReader(new StringReader(line));
            reader.DateParseHandling = DateParseHandling.None;
            JObject entry = JObject.Load(reader);
            string time = (string)entry["time"]!;
            _ = DateTimeOffset.ParseExact(time, "O", CultureInfo.InvariantCulture);
            Assert.Contains((string?)entry["level"], new[] { "Information", "Warning", "Error" });
            Assert.Matches("^[A-Z][A-Za-z]+$", (string?)entry["event"]);
            Assert.False(string.IsNullOrWhiteSpace((string?)entry["message"]), line);
            Assert.False(reader.Read(), line);
        }
    }

    [Theory]
    [InlineData("console")]
    [InlineData("engine")]
    public async Task It_stops_when_its_standard_input_ends_if_told_so(string role)
    {
        using var folder = new TemporaryFolder();
        await using HostProcess host = HostProcess.Start(
            role, "--data", folder.Path, "--listen", "127.0.0.1:0", "--stop-with-stdin");
        await host.ListeningAsync(role);

        host.CloseInput();

        Assert.Equal(0, await host.EndAsync());
    }

    [Fact, NeedsLinux]
    public async Task It_goes_on_when_its_standard_input_ends_and_nobody_said_otherwise()
    {
        using var folder = new TemporaryFolder();
        await using HostProcess host = HostProcess.Start("console", "--data", folder.Path, "--listen", "127.0.0.1:0");
        host.CloseInput();
        IPEndPoint bound = await host.ListeningAsync("console");

        using var visitor = new TcpClient();
        await visitor.ConnectAsync(bound);
        host.Signal(Processes.Terminate);

        Assert.Equal(0, await host.EndAsync());
    }

    [Theory]
    [InlineData("console")]
    [InlineData("engine")]
    public async Task After_kill_9_the_next_process_takes_the_folder_and_the_port_at_once(string role)
    {
        using var folder = new TemporaryFolder();
        await using HostProcess first = HostProcess.Start(
            role, "--data", folder.Path, "--listen", OwnNetwork.AnyPort());
        IPEndPoint bound = await first.ListeningAsync(role);
        JObject started = await first.EventAsync(role == "console" ? "ConsoleStarted" : "EngineStarted");

        await first.KillAsync();
        await using HostProcess second = HostProcess.Start(
            role, "--data", folder.Path, "--listen", bound.ToString(), "--stop-with-stdin");

        Assert.Equal(bound, await second.ListeningAsync(role));
        JObject again = await second.EventAsync(role == "console" ? "ConsoleStarted" : "EngineStarted");
        Assert.Equal((string?)started["fingerprint"], (string?)again["fingerprint"]);
        second.CloseInput();
        Assert.Equal(0, await second.EndAsync());
    }

    [Theory]
    [InlineData("console")]
    [InlineData("engine")]
    public async Task An_admin_in_another_process_stops_it(string role)
    {
        using var folder = new TemporaryFolder();
        await using HostProcess host = HostProcess.Start(role, "--data", folder.Path, "--listen", "127.0.0.1:0");
        await host.ListeningAsync(role);
        DataFolder data = DataFolder.Resolve(folder.Path);
        using ConsoleAdmin console = ConsoleAdmin.Open(data, new SqliteStoreProvider());
        using EngineAdmin engine = EngineAdmin.Open(data, new SqliteStoreProvider());

        Assert.True(role == "console"
            ? await console.StopAsync(HostProcess.Bound, CancellationToken.None)
            : await engine.StopAsync(HostProcess.Bound, CancellationToken.None));

        Assert.Equal(0, await host.EndAsync());
    }

    [Fact]
    public async Task An_engine_without_a_pairing_has_nothing_to_do_once()
    {
        using var folder = new TemporaryFolder();
        await using HostProcess host = HostProcess.Start("engine", "--data", folder.Path, "--once");

        Assert.Equal(0, await host.EndAsync());
        Assert.DoesNotContain("ListenerOpened", host.Output, StringComparison.Ordinal);
    }
}
