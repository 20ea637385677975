using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Service.Hosting;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Service.Tests;

/// <summary>Metrics for Prometheus and a collector, where they are asked for.</summary>
public sealed class TelemetryTests
{
    private const int Most = 16;

    [Theory, NeedsLinux]
    [InlineData("console")]
    [InlineData("engine")]
    public async Task Prometheus_reads_them_at_a_loopback_address_and_nobody_elsewhere(string role)
    {
        using var folder = new TemporaryFolder();
        string network = OwnNetwork.Next();
        string at = $"{network}.1:9464";
        await using HostProcess host = HostProcess.Start(
            role, "--data", folder.Path, "--listen", "127.0.0.1:0", "--metrics", at, "--stop-with-stdin");
        await host.ListeningAsync(role);
        using var client = new HttpClient();

        string text = await client.GetStringAsync(new Uri($"http://{at}/metrics"));
        Assert.Contains("scanengineadmin_disk_free_bytes{", text, StringComparison.Ordinal);
        Assert.Contains("scanengineadmin_events_total{", text, StringComparison.Ordinal);
        Assert.Contains("dotnet_", text, StringComparison.Ordinal);

        CheckForm(text);

        // A page in a browser of this host that has its own name lead here gets nothing.
        using var foreign = new HttpRequestMessage(HttpMethod.Get, new Uri($"http://{at}/metrics"));
        foreign.Headers.Host = "page.example.org";
        using HttpResponseMessage refused = await client.SendAsync(foreign);
        Assert.False(refused.IsSuccessStatusCode);

        await using HostProcess second = HostProcess.Start(
            role, "--data", folder.Below("second"), "--listen", "127.0.0.1:0", "--metrics", at);
        Assert.Equal(3, await second.EndAsync());
        Assert.StartsWith("PortInUse", second.Error, StringComparison.Ordinal);
        host.CloseInput();
        Assert.Equal(0, await host.EndAsync());
    }

    [Fact, NeedsLinux]
    [Trait("Speed", "Slow")]
    public async Task Who_holds_connections_or_sends_without_end_keeps_nobody_from_the_metrics()
    {
        using var folder = new TemporaryFolder();
        string at = $"{OwnNetwork.Next()}.1:9464";
        await using HostProcess host = HostProcess.Start(
            "console", "--data", folder.Path, "--listen", "127.0.0.1:0", "--metrics", at, "--stop-with-stdin");
        await host.ListeningAsync("console");
        using var bound = new CancellationTokenSource(HostProcess.Bound);
        List<TcpClient> idle = [];
        try
        {
            for (int i = 0; i < 5 * Most; i++)
            {
                idle.Add(await ConnectAsync(at, bound.Token));
            }

            // Each new connection puts out the oldest, which has asked for nothing: the metrics' own is the last.
            Assert.StartsWith("HTTP/1.1 200", await AskAsync(at, $"GET /metrics HTTP/1.1\r\nHost: {at}\r\n\r\n", bound.Token), StringComparison.Ordinal);
            Assert.InRange(Established(at), 0, Most);

            // Those that are left end in their time.
            foreach (TcpClient one in idle)
            {
                Assert.True(await HasEndedAsync(one, bound.Token));
            }
        }
        finally
        {
            idle.ForEach(static one => one.Dispose());
        }

        string endless = $"GET /metrics HTTP/1.1\r\nHost: {at}\r\nX: {new string('x', 8192)}";
        Assert.StartsWith("HTTP/1.1 400", await AskAsync(at, endless, bound.Token), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 405", await AskAsync(at, $"POST /metrics HTTP/1.1\r\nHost: {at}\r\n\r\n", bound.Token), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 404", await AskAsync(at, $"GET / HTTP/1.1\r\nHost: {at}\r\n\r\n", bound.Token), StringComparison.Ordinal);
        host.CloseInput();
        Assert.Equal(0, await host.EndAsync());
    }

    [Theory, NeedsLinux]
    [InlineData(1)]
    [InlineData(Most)]
    public async Task An_answer_under_way_is_finished_however_many_connect_meanwhile(int readers)
    {
        // More than the buffers of a connection hold: the answer waits for its reader.
        string text = new('x', 8 * 1024 * 1024);
        var at = IPEndPoint.Parse($"{OwnNetwork.Next()}.1:9464");
        using var bound = new CancellationTokenSource(HostProcess.Bound);
        using var endpoint = new MetricsEndpoint(at, () => text, static _ => { }, new ManualTime());
        await endpoint.StartAsync(bound.Token);
        List<TcpClient> reading = [];
        List<TcpClient> flood = [];
        try
        {
            for (int i = 0; i < readers; i++)
            {
                reading.Add(await ConnectAsync($"{at}", bound.Token));
                await reading[i].GetStream().WriteAsync(
                    Encoding.ASCII.GetBytes($"GET /metrics HTTP/1.1\r\nHost: {at}\r\n\r\n"), bound.Token);
                await reading[i].GetStream().ReadExactlyAsync(new byte[1], bound.Token);
            }

            for (int i = 0; i < 2 * Most; i++)
            {
                flood.Add(await ConnectAsync($"{at}", bound.Token));
            }

            // Put out for a later one, or refused.
            Assert.True(await HasEndedAsync(flood[0], bound.Token));
            foreach (TcpClient one in reading)
            {
                using var answer = new StreamReader(one.GetStream(), Encoding.ASCII);
                Assert.EndsWith($"\r\n\r\n{text}", await answer.ReadToEndAsync(bound.Token), StringComparison.Ordinal);
            }
        }
        finally
        {
            flood.Concat(reading).ToList().ForEach(static one => one.Dispose());
            await endpoint.StopAsync(CancellationToken.None);
        }
    }

    [Fact, NeedsLinux]
    public async Task Metrics_that_cannot_be_collected_are_a_fault_of_the_server_and_a_line_of_the_log()
    {
        var at = IPEndPoint.Parse($"{OwnNetwork.Next()}.1:9464");
        string request = $"GET /metrics HTTP/1.1\r\nHost: {at}\r\n\r\n";
        using var bound = new CancellationTokenSource(HostProcess.Bound);
        var time = new ManualTime();
        List<LogEntry> log = [];
        bool fails = true;
        using var endpoint = new MetricsEndpoint(
            at, () => fails ? throw new FormatException("a gauge failed.") : "x 1\n", log.Add, time);
        await endpoint.StartAsync(bound.Token);

        for (int i = 0; i < 2; i++)
        {
            Assert.Equal("HTTP/1.1 500", await AskAsync($"{at}", request, bound.Token));
        }

        // Collected, and said, once a second however often it is asked.
        LogEntry line = Assert.Single(log);
        Assert.Equal((Events.MetricsFault, LogLevel.Error), (line.Event, line.Level));
        Assert.Contains("a gauge failed.", line.Message, StringComparison.Ordinal);

        fails = false;
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("HTTP/1.1 200", await AskAsync($"{at}", request, bound.Token));
        await endpoint.StopAsync(CancellationToken.None);
    }

    [Theory]
    [InlineData("console")]
    [InlineData("engine")]
    public async Task A_collector_gets_them_by_otlp(string role)
    {
        using var folder = new TemporaryFolder();
        using var collector = new TcpListener(IPAddress.Loopback, 0);
        collector.Start();
        Task<string> got = ReadAsync(collector);
        await using HostProcess host = HostProcess.StartAsUnit(
            new() { ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf", ["OTEL_METRIC_EXPORT_INTERVAL"] = "500" },
            role, "--data", folder.Path, "--listen", "127.0.0.1:0", "--otlp",
            $"http://{collector.LocalEndpoint}", "--stop-with-stdin");
        await host.ListeningAsync(role);

        string text = await got.WaitAsync(HostProcess.Bound);

        Assert.Contains("POST /v1/metrics", text, StringComparison.Ordinal);
        Assert.Contains("scanengineadmin.events", text, StringComparison.Ordinal);
        host.CloseInput();
        Assert.Equal(0, await host.EndAsync());
    }

    [Theory]
    [InlineData("--metrics 0.0.0.0:9464")]
    [InlineData("--metrics 127.0.0.1:0")]
    [InlineData("--otlp collector.example.org")]
    [InlineData("--otlp http://user:word@collector.example.org")]
    public async Task What_would_tell_others_is_refused(string arguments)
    {
        await using HostProcess host = HostProcess.Start(["console", .. arguments.Split(' ')]);

        Assert.Equal(2, await host.EndAsync());
    }

    // Every line is one of the text format's; the buckets of a histogram grow, up to its count.
    private static void CheckForm(string text)
    {
        string[] lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(lines, static line => Assert.Matches(
            @"^(# (HELP|TYPE) [a-z_]+ .+|[a-z0-9_]+(\{([a-z_]+=""[^""\\]*"",?)+\})? (-?[0-9.E+-]+|NaN))$", line));
        Assert.Equal(lines.Length, lines.Distinct().Count());
        foreach (IGrouping<string, string> series in lines.Where(static line => line.Contains("_bucket{", StringComparison.Ordinal))
            .GroupBy(static line => line[..line.IndexOf("le=", StringComparison.Ordinal)]))
        {
            double[] counts = [.. series.Select(static line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture))];
            Assert.Equal(counts.Order(), counts);
            Assert.Contains("le=\"+Inf\"", series.Last(), StringComparison.Ordinal);
        }
    }

    // Connections that the host has open at its end, as the kernel counts them.
    private static int Established(string at)
    {
        const string OpenState = " 01 ";
        IPEndPoint own = IPEndPoint.Parse(at);
        string local = $": {BitConverter.ToUInt32(own.Address.GetAddressBytes()):X8}:{own.Port:X4} ";
        return File.ReadLines("/proc/net/tcp").Count(line =>
            line.Contains(local, StringComparison.Ordinal) && line.Contains(OpenState, StringComparison.Ordinal));
    }

    private static async Task<TcpClient> ConnectAsync(string at, CancellationToken cancellationToken)
    {
        var client = new TcpClient { ReceiveBufferSize = 64 * 1024 };
        await client.ConnectAsync(IPEndPoint.Parse(at), cancellationToken);
        return client;
    }

    private static async Task<string> AskAsync(string at, string request, CancellationToken cancellationToken)
    {
        using TcpClient client = await ConnectAsync(at, cancellationToken);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request), cancellationToken);
        byte[] answer = new byte[12];
        int count = await client.GetStream().ReadAtLeastAsync(answer, answer.Length, throwOnEndOfStream: false, cancellationToken);
        return Encoding.ASCII.GetString(answer, 0, count);
    }

    private static async Task<bool> HasEndedAsync(TcpClient client, CancellationToken cancellationToken)
    {
        try
        {
            return await client.GetStream().ReadAsync(new byte[1], cancellationToken) == 0;
        }
        catch (IOException)
        {
            return true;
        }
    }

    // The first connection whose request has our metrics; every one is answered.
    private static async Task<string> ReadAsync(TcpListener collector)
    {
        using var bound = new CancellationTokenSource(HostProcess.Bound);
        while (true)
        {
            using TcpClient client = await collector.AcceptTcpClientAsync(bound.Token);
            NetworkStream stream = client.GetStream();
            var text = new StringBuilder();
            byte[] buffer = new byte[65536];
            while (!text.ToString().Contains("scanengineadmin.events", StringComparison.Ordinal))
            {
                int count = await stream.ReadAsync(buffer, bound.Token);
                if (count == 0)
                {
                    break;
                }

                text.Append(Encoding.Latin1.GetString(buffer, 0, count));
            }

            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray(), bound.Token);
            if (text.ToString().Contains("scanengineadmin.events", StringComparison.Ordinal))
            {
                return text.ToString();
            }
        }
    }
}
