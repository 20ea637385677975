using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using ScanEngineAdmin.Benchmarks.Measure;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Benchmarks.Fleet;

/// <summary>B10: the scanner beside nmap on the same range, with the same timeout and parallelism.</summary>
internal sealed class Scanning : IBenchmark
{
    private const int Parallelism = 256;

    public string Name => "B10";

    public string Purpose => "connect scan beside nmap -sT -n -Pn: loopback ports, and a silent network in a namespace";

    public string? WhyNot(Options options) => Nmap is null ? "nmap is not installed" : null;

    private static string? Nmap { get; } = new[] { "/usr/bin/nmap", "/usr/local/bin/nmap" }.FirstOrDefault(File.Exists);

    public async Task RunAsync(Options options, Report report)
    {
        using var open = new Socket(SocketType.Stream, ProtocolType.Tcp);
        open.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        open.Listen(512);
        int port = ((IPEndPoint)open.LocalEndPoint!).Port;
        string ports = options.Quick ? FormattableString.Invariant($"{port}-{Math.Min(65535, port + 200)}") : "1-65535";
        Contest loopback = await CompareAsync(
            null, "127.0.0.1", ports, 1000, ["-T5"], options.Rounds, warmUp: !options.Quick);
        Say("loopback", loopback, 0.6);

        if (NetworkNamespace.WhyNot() is { } reason)
        {
            report.Missing("a silent network", reason);
            return;
        }

        // A link without ARP to nobody: what is sent is gone, and nothing says so.
        using var space = NetworkNamespace.CreateAlone();
        space.Run("ip", "link", "add", "silent0", "type", "veth", "peer", "name", "silent1");
        space.Run("ip", "link", "set", "silent0", "arp", "off");
        space.Run("ip", "addr", "add", "10.9.0.1/24", "dev", "silent0");
        space.Run("ip", "link", "set", "silent1", "up");
        space.Run("ip", "link", "set", "silent0", "up");
        string[] same =
        [
            "-T5", "--initial-rtt-timeout", "300ms", "--min-rtt-timeout", "300ms", "--max-rtt-timeout", "300ms",
            "--max-retries", "0", "--min-parallelism", "256", "--max-parallelism", "256", "--min-hostgroup", "256",
        ];
        string targets = options.Quick ? "10.9.0.2-3" : "10.9.0.2-254";
        string few = options.Quick ? "1-60" : "1-100";
        Contest silent = await CompareAsync(
            space.Name, targets, few, 300, same, Math.Min(5, options.Rounds), warmUp: false);
        Say("silent network", silent, 1.005);

        void Say(string what, Contest contest, double most)
        {
            foreach (string name in new[] { "nmap", "product" })
            {
                report.Figure(what, name, contest.Of(name, "s"), "s");
                report.Figure($"{what}, processor", name, contest.Of(name, "cpu"), "CPU s");
            }

            report.Judge($"{what}, time of nmap", contest.Ratio("s", "product", "nmap"), Target.Most(most));
            report.Judge($"{what}, CPU of nmap", contest.Ratio("cpu", "product", "nmap"), Target.Most(1.2));
        }
    }

    private static async Task<Contest> CompareAsync(
        string? space, string targets, string ports, int timeout, string[] extra, int rounds, bool warmUp)
    {
        await using Child product = Child.SelfIn(
            space,
            TimedScan.Command,
            targets,
            ports,
            FormattableString.Invariant($"{timeout}"),
            FormattableString.Invariant($"{Parallelism}"));
        return await new Contest()
            .Add("nmap", () => NmapAsync(space, targets, ports, extra))
            .Add("product", async () =>
            {
                double[] answer = [.. (await product.AskAsync("scan")).Split(' ')
                    .Select(part => double.Parse(part, CultureInfo.InvariantCulture))];
                return new Dictionary<string, double> { ["s"] = answer[0], ["cpu"] = answer[1] };
            })
            .RunAsync(rounds, warmUp);
    }

    private static async Task<IReadOnlyDictionary<string, double>> NmapAsync(
        string? space, string targets, string ports, string[] extra)
    {
        string[] line = [.. space is null ? Array.Empty<string>() : ["ip", "netns", "exec", space], Nmap!,
            "-sT", "-n", "-Pn", .. extra, "-p", ports, "-oG", "-", targets];
        double before = ChildrenCpu();
        long started = Stopwatch.GetTimestamp();
        using Process nmap = Process.Start(new ProcessStartInfo(line[0], line[1..]) { RedirectStandardOutput = true })!;
        string output = await nmap.StandardOutput.ReadToEndAsync();
        await nmap.WaitForExitAsync();
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        if (nmap.ExitCode != 0)
        {
            throw new InvalidOperationException("nmap failed: " + output);
        }

        return new Dictionary<string, double> { ["s"] = seconds, ["cpu"] = ChildrenCpu() - before };
    }

    /// <summary>The processor time of the children that have ended, in seconds.</summary>
    private static double ChildrenCpu()
    {
        const int Children = -1;
        long[] usage = new long[18];
        _ = GetUsage(Children, usage);
        return usage[0] + (usage[1] / 1e6) + usage[2] + (usage[3] / 1e6);
    }

    [DllImport("libc", EntryPoint = "getrusage")]
    private static extern int GetUsage(int who, [Out] long[] usage);
}
