using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Scanning.Nmap;
using ScanEngineAdmin.Scanning.Targets;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Scans;

/// <summary>The real nmap finds what is there, each unit once; and its process ends with the scan.</summary>
[Trait("Speed", "Slow")]
public sealed class NmapScannerTests
{
    private const string Ssh = "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n";

    [Fact, NeedsNmap]
    public async Task It_finds_services_and_states_and_every_unit_once()
    {
        using var host = new LoopbackHost();
        int ssh = host.Talking(Ssh);
        int closed = host.Closed();
        int filtered = host.Unanswering();
        var session = new NmapSession(NmapProgram.Find);

        await session.RunAsync(Request(host, $"{ssh},{closed},{filtered}"));

        Assert.Equal((ScanState.Completed, string.Empty), (session.Last.Final, session.Last.Detail));
        Assert.Equal([0L, 1L, 2L], session.Findings.Select(finding => finding.Unit));
        Dictionary<int, Finding> found = session.Findings.ToDictionary(finding => finding.Port);
        Assert.Equal(
            (PortState.Open, "ssh: OpenSSH 9.2p1 Debian 2 (protocol 2.0)"), (found[ssh].State, found[ssh].Banner));
        Assert.Equal((PortState.Closed, null), (found[closed].State, found[closed].Banner));
        Assert.Equal((PortState.Filtered, null), (found[filtered].State, found[filtered].Banner));
        Assert.All(session.Findings, finding => Assert.Equal((host.Name, null), (finding.Target, finding.Resolved)));
    }

    [Fact, NeedsNmap]
    public async Task Ports_that_nmap_only_counts_have_their_state_too()
    {
        using var host = new LoopbackHost();
        int open = host.Talking(Ssh);
        IEnumerable<int> taken = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Select(at => at.Port);
        int[] others = [.. Enumerable.Range(2000, 200).Except(taken).Append(open).Order()];
        var session = new NmapSession(NmapProgram.Find);

        await session.RunAsync(Request(host, string.Join(',', others)));

        Assert.Equal(others, session.Findings.Select(finding => finding.Port));
        Assert.Equal([open], session.Findings.FindAll(f => f.State == PortState.Open).Select(f => f.Port));
        Assert.Equal(others.Length - 1, session.Findings.Count(finding => finding.State == PortState.Closed));
    }

    [Fact, NeedsNmap]
    public async Task Names_and_addresses_of_both_families_keep_their_units_and_what_is_skipped_has_none()
    {
        Assert.SkipUnless(ThisMachine.HasIPv6Loopback, "this host has no IPv6 loopback address");
        var session = new NmapSession(NmapProgram.Find)
        {
            Policy = new TargetPolicy { AllowNmap = true, Deny = ["127.9.9.2"], OnDenied = DeniedTargets.Skip },
            LookUp = (name, _) => name == "gone.test"
                ? throw new SocketException()
                : Task.FromResult<IPAddress[]>([IPAddress.Parse(name == "six.test" ? "::1" : "127.9.9.1")]),
        };

        await session.RunAsync(new ScanRequest
        {
            Targets = ["127.9.9.1-3", "::1", "gone.test", "six.test", "four.test"],
            Ports = "9,11",
            Scanner = ScannerKind.Nmap,
        });

        Assert.Equal(ScanState.Completed, session.Last.Final);
        Assert.Equal(
            ["0 127.9.9.1 ", "4 127.9.9.3 ", "6 ::1 ", "10 six.test ::1", "12 four.test 127.9.9.1"],
            session.Findings.FindAll(f => f.Port == 9).Select(f => $"{f.Unit} {f.Target} {f.Resolved}"));
        Assert.Equal(14, session.Last.Cursor);
        Assert.Contains("gone.test did not resolve", session.Last.Detail, StringComparison.Ordinal);
        Assert.Contains("1 address was passed over", session.Last.Detail, StringComparison.Ordinal);
    }

    [Fact, NeedsNmap]
    public async Task A_scan_goes_on_in_the_middle_of_a_target_and_asks_nothing_before()
    {
        using var host = new LoopbackHost();
        using PlayedNmap nmap = PlayedNmap.Real();
        var session = new NmapSession(() => nmap.Program);
        Task scan = session.RunAsync(Request(host, "2001-2025") with { Parallelism = 1 }, cursor: 7);
        string[] blocks = new string[2];
        for (int i = 0; i < blocks.Length; i++)
        {
            PlayedNmap.Run run = await nmap.NextAsync();
            blocks[i] = run.Arguments.Split("-p ")[1];
            await run.GoAsync();
        }

        await scan;
        Assert.Equal([$"2008-2017 {host.Name}", $"2018-2025 {host.Name}"], blocks);
        Assert.Equal([17L, 25L], session.Batches.Select(batch => batch.Cursor));
        Assert.Equal(Enumerable.Range(7, 18).Select(unit => (long)unit), session.Findings.Select(f => f.Unit));
    }

    [Fact, NeedsLinux]
    public async Task A_stop_ends_nmap_with_its_children_and_counts_nothing_of_the_block()
    {
        using var host = new LoopbackHost();
        using PlayedNmap nmap = PlayedNmap.Endless();
        using var stop = new CancellationTokenSource();
        var session = new NmapSession(() => nmap.Program);
        Task scan = session.RunAsync(Request(host, "9"), stop: stop.Token);
        PlayedNmap.Run run = await nmap.NextAsync();
        await run.GoAsync();

        await stop.CancelAsync();

        await scan.WaitAsync(ScanSession.Bound);
        await run.EndedAsync();
        Assert.Equal((ScanState.Stopped, 0L), (session.Last.Final, session.Last.Cursor));
        Assert.Empty(session.Findings);
    }

    [Fact, NeedsLinux]
    public async Task A_block_with_many_findings_is_told_in_pieces_that_a_console_takes()
    {
        using var host = new LoopbackHost();
        using PlayedNmap nmap = PlayedNmap.Writing($"""
            <nmaprun><host><address addr="{host.Name}" addrtype="ipv4"/><ports><extraports state="closed" count="1300">
            <extrareasons reason="conn-refused" count="1300" proto="tcp" ports="1-1300"/></extraports></ports></host>
            <runstats><finished exit="success"/></runstats></nmaprun>
            """);
        var session = new NmapSession(() => nmap.Program);
        Task scan = session.RunAsync(Request(host, "1-1300") with { Parallelism = 500 });
        await (await nmap.NextAsync()).GoAsync();

        await scan.WaitAsync(ScanSession.Bound);

        Assert.Equal([(1L, 512, 512L), (2, 512, 1_024), (3, 276, 1_300)],
            session.Batches.Select(batch => (batch.Number, batch.Findings.Count, batch.Cursor)));
        Assert.Equal([null, null, ScanState.Completed], session.Batches.Select(batch => batch.Final));
        Assert.Equal(Enumerable.Range(0, 1_300), session.Findings.Select(finding => (int)finding.Unit));
    }

    [Fact]
    public async Task No_run_is_begun_after_the_end_of_a_lease_though_the_place_for_it_comes_later()
    {
        using var host = new LoopbackHost();
        int asked = 0;
        var session = new NmapSession(() => new NmapProgram("/none/nmap")) { IsOver = () => asked++ > 0 };

        await session.RunAsync(Request(host, "9"));

        Assert.Equal((ScanState.Stopped, 0L), (session.Last.Final, session.Last.Cursor));
        Assert.Equal(1, session.Runs.CurrentCount);
    }

    [Fact]
    public async Task A_scan_that_waits_for_a_place_ends_with_its_stop()
    {
        using var host = new LoopbackHost();
        using var stop = new CancellationTokenSource();
        var session = new NmapSession(() => new NmapProgram("/none/nmap")) { Runs = new SemaphoreSlim(0) };
        Task scan = session.RunAsync(Request(host, "9"), stop: stop.Token);

        await stop.CancelAsync();

        await scan.WaitAsync(ScanSession.Bound);
        Assert.Equal((ScanState.Stopped, 0), (session.Last.Final, session.Runs.CurrentCount));
    }

    [Fact, NeedsLinux]
    public async Task A_run_that_does_not_end_is_ended_and_the_scan_goes_on_behind_its_block()
    {
        using var host = new LoopbackHost();
        using PlayedNmap nmap = PlayedNmap.Endless();
        var time = new ManualTime();
        var session = new NmapSession(() => nmap.Program) { Time = time };
        Task scan = session.RunAsync(Request(host, "2001-2015") with { Parallelism = 1 });
        var asked = new List<string>();
        for (int i = 0; i < 4; i++)
        {
            PlayedNmap.Run run = await nmap.NextAsync();
            await run.GoAsync();
            time.Pass(NmapArguments.RunLimit);
            await run.EndedAsync();
            asked.Add($"{run.Arguments.Contains(" -sV ", StringComparison.Ordinal)} {run.Arguments.Split("-p ")[1].Split(' ')[0]}");
        }

        await scan.WaitAsync(ScanSession.Bound);

        Assert.Equal(["True 2001-2010", "False 2001-2010", "True 2011-2015", "False 2011-2015"], asked);
        Assert.Equal((ScanState.Completed, 15L), (session.Last.Final, session.Last.Cursor));
        Assert.Empty(session.Findings);
        Assert.Contains("not scanned, as nmap did not finish in time", session.Last.Detail, StringComparison.Ordinal);
    }

    [Fact, NeedsLinux]
    public async Task Rates_and_limits_are_arguments_and_the_rate_of_the_policy_is_shared()
    {
        using var host = new LoopbackHost();
        using PlayedNmap nmap = PlayedNmap.Endless();
        using var stop = new CancellationTokenSource();
        var policy = new TargetPolicy { AllowNmap = true, MaxRate = 100, MaxParallelism = 7 };
        var session = new NmapSession(() => nmap.Program) { Policy = policy };

        Task scan = session.RunAsync(Request(host, "9") with { MaxRate = 80 }, stop: stop.Token);
        string asked = (await nmap.NextAsync()).Arguments;

        Assert.Contains(" --max-rate 50 ", asked, StringComparison.Ordinal);
        Assert.Contains(" --max-parallelism 7 ", asked, StringComparison.Ordinal);
        Assert.Contains(" --max-rtt-timeout 3000ms ", asked, StringComparison.Ordinal);
        Assert.EndsWith($" -p 9 {host.Name}", asked, StringComparison.Ordinal);
        await stop.CancelAsync();
        await scan.WaitAsync(ScanSession.Bound);
    }

    private static ScanRequest Request(LoopbackHost host, string ports) =>
        new() { Targets = [host.Name], Ports = ports, Scanner = ScannerKind.Nmap };
}
