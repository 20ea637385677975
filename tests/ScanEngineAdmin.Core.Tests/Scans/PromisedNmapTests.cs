using System.Globalization;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Scanning;
using ScanEngineAdmin.Scanning.Nmap;
using ScanEngineAdmin.Scanning.Plan;
using ScanEngineAdmin.Scanning.Targets;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Scans;

/// <summary>What docs/security.md promises of nmap on an engine's host, in its own numbers.</summary>
[Trait("Speed", "Slow")]
public sealed class PromisedNmapTests
{
    private static readonly TargetPolicy Policy = new() { AllowNmap = true, MaxParallelism = ScanLimits.MaxParallelism };

    /// <summary>As wide and as fast as a console may ask for it.</summary>
    [Theory, NeedsLinux]
    [InlineData("127.1.0.0/22", "9", 256, "9")]
    [InlineData("127.1.0.1", "1-9000", 1, "1-4096")]
    [InlineData("127.1.0.0/22", "1-100", 40, "1-100")]
    public async Task A_run_is_of_256_addresses_and_4096_units_at_most_and_of_5_minutes_a_host(
        string targets, string ports, int addresses, string asked)
    {
        using PlayedNmap nmap = PlayedNmap.Endless();
        using var stop = new CancellationTokenSource();
        var session = new NmapSession(() => nmap.Program) { Policy = Policy };

        Task scan = session.RunAsync(Request(targets, ports), stop: stop.Token);
        string arguments = (await nmap.NextAsync()).Arguments;
        await stop.CancelAsync();
        await scan.WaitAsync(ScanSession.Bound);

        string[] what = arguments.Split(" -p ")[1].Split(' ');
        Assert.Equal((asked, addresses), (what[0], what.Length - 1));
        Assert.Contains(" --host-timeout 300 ", arguments, StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromMinutes(10), NmapArguments.RunLimit);
    }

    [Theory, NeedsLinux]
    [InlineData(15, null)]
    [InlineData(16, FaultCode.ScanFailed)]
    public async Task A_report_of_more_than_16_MiB_is_not_read_to_its_end(int mebibytes, FaultCode? fault)
    {
        string blanks = string.Create(
            CultureInfo.InvariantCulture, $"head -c {mebibytes * 1024 * 1024} /dev/zero | tr '\\0' ' '");
        using PlayedNmap nmap = PlayedNmap.Writing(
            "<nmaprun>", $"{blanks}; echo '<runstats><finished exit=\"success\"/></runstats></nmaprun>'; exit 0");
        _ = nmap.LetAllAsync();
        var session = new NmapSession(() => nmap.Program);

        Exception? thrown = await Record.ExceptionAsync(
            () => session.RunAsync(Request("127.1.0.1", "9")).WaitAsync(ScanSession.Bound));

        Assert.Equal(fault, (thrown as ScanEngineException)?.Code);
        Assert.Equal(fault is null, thrown is null);
    }

    [Fact, NeedsLinux]
    public async Task Four_run_at_once_and_the_next_one_waits_for_one_of_them()
    {
        using PlayedNmap nmap = PlayedNmap.Endless();
        var set = new ScannerSet(Policy, TimeProvider.System, () => nmap.Program);
        CancellationTokenSource[] stops = [.. Enumerable.Range(0, 6).Select(_ => new CancellationTokenSource())];
        Task[] scans = [.. stops.Select((stop, i) => Task.Run(() => set.Of(ScannerKind.Nmap).RunAsync(
            ScanPlan.Create(Request($"127.1.0.{i + 1}", "9")), 0, 0, _ => ValueTask.CompletedTask,
            static () => false, static () => false, stop.Token)))];
        var first = new List<PlayedNmap.Run>();
        for (int i = 0; i < 4; i++)
        {
            first.Add(await nmap.NextAsync());
        }

        Task<PlayedNmap.Run> fifth = nmap.NextAsync();
        int ended = int.Parse(first[0].Arguments[^1..], CultureInfo.InvariantCulture) - 1;
        Assert.False(fifth.IsCompleted);
        await stops[ended].CancelAsync();
        await scans[ended].WaitAsync(ScanSession.Bound);

        await fifth;
        Array.ForEach(stops, stop => stop.Cancel());
        await Task.WhenAll(scans).WaitAsync(ScanSession.Bound);
        Array.ForEach(stops, stop => stop.Dispose());
    }

    private static ScanRequest Request(string targets, string ports) => new()
    {
        Targets = [targets],
        Ports = ports,
        Scanner = ScannerKind.Nmap,
        Parallelism = ScanLimits.MaxParallelism,
        Timeout = ScanLimits.MinTimeout,
    };
}
