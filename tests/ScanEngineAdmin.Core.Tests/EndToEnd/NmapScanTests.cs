using ScanEngineAdmin.Core.Tests.Scans;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Scanning.Nmap;
using ScanEngineAdmin.Scanning.Targets;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.EndToEnd;

/// <summary>Scans with nmap over the channel: once each, or refused with what to do.</summary>
[Trait("Speed", "Slow")]
public sealed class NmapScanTests
{
    private const string Ssh = "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n";

    [Theory, NeedsNmap, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task Services_come_with_their_versions(CommunicationDirection way)
    {
        await using NodePair pair = await AllowedAsync(way, NmapProgram.Find);
        using var host = new LoopbackHost();
        int ssh = host.Talking(Ssh);

        ScanRecord done = await pair.EndAsync(Add(pair, host, $"{ssh},{host.Closed()}").ScanId);

        Assert.Equal((ScanState.Completed, string.Empty), (done.State, done.Detail));
        Assert.Equal((ScannerKind.Nmap, 1, 2L), (done.Request.Scanner, done.Attempt, done.FindingCount));
        Finding found = pair.Console.Store.ReadFindings(done.ScanId).Single(finding => finding.Port == ssh);
        Assert.Equal("ssh: OpenSSH 9.2p1 Debian 2 (protocol 2.0)", found.Banner);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task An_engine_refuses_until_its_admin_allows_nmap_and_nmap_is_there(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(
            way, engine: options => options with { FindNmap = static () => NmapProgram.Find(["/none/nmap"]) });
        using var host = new LoopbackHost();

        ScanRecord forbidden = await pair.EndAsync(Add(pair, host, "9").ScanId);
        pair.Engine.SetPolicy(new TargetPolicy { AllowNmap = true });
        ScanRecord missing = await pair.EndAsync(Add(pair, host, "9").ScanId);

        Assert.Equal((ScanState.Failed, ScanCause.Refused), (forbidden.State, forbidden.Cause));
        Assert.Contains(Environment.MachineName, forbidden.Detail, StringComparison.Ordinal);
        Assert.Contains("Set-EngineScanPolicy -AllowNmap $true", forbidden.Detail, StringComparison.Ordinal);
        Assert.Equal((ScanState.Failed, ScanCause.Refused), (missing.State, missing.Cause));
        Assert.Contains("/none/nmap", missing.Detail, StringComparison.Ordinal);
        Assert.Contains("Install nmap", missing.Detail, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task An_engine_of_before_is_not_sent_the_scan(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        await pair.StopEngineAsync();
        await using PlayedEngine engine = await PlayedEngine.StartAsync(
            pair, way, terms: false, (_, plan) =>
            [
                PlayedEngine.Batch(plan, 1, 0, plan.Units) with { Final = ScanState.Completed },
            ]);
        using var host = new LoopbackHost();

        ScanRecord refused = await pair.EndAsync(Add(pair, host, "9").ScanId);
        ScanRecord usual = pair.Console.Scans.Add(
            pair.PairingId, new ScanRequest { Targets = [host.Name], Ports = "9" });

        Assert.Equal(ScanState.Completed, (await pair.EndAsync(usual.ScanId)).State);
        Assert.Equal((ScanState.Failed, ScanCause.Refused), (refused.State, refused.Cause));
        Assert.Contains("too old to scan with Nmap", refused.Detail, StringComparison.Ordinal);
        Assert.Equal([usual.ScanId], engine.Started);
        Assert.DoesNotContain("scanner", engine.Members, StringComparer.OrdinalIgnoreCase);
    }

    [Theory, NeedsNmap, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public Task A_suspension_ends_nmap_and_the_scan_goes_on_with_that_block(CommunicationDirection way) =>
        InSecondBlockAsync(way, async (pair, nmap, host, scan, cut) =>
        {
            pair.Console.Scans.Suspend(scan.ScanId);
            ScanRecord rests = await pair.UntilScanAsync(scan.ScanId, now => now.State == ScanState.Suspended);
            await cut.EndedAsync();
            Assert.Equal((10L, 10L), (rests.Cursor, rests.FindingCount));
            pair.Console.Scans.Resume(scan.ScanId);

            await GoesOnAsync(pair, nmap, scan, cut);
        });

    [Theory, NeedsNmap, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public Task The_end_of_the_node_ends_nmap_and_the_next_goes_on_with_that_block(CommunicationDirection way) =>
        InSecondBlockAsync(way, async (pair, nmap, host, scan, cut) =>
        {
            await pair.StopEngineAsync();
            await cut.EndedAsync();
            await pair.StartEngineAsync();

            await GoesOnAsync(pair, nmap, scan, cut);
        });

    [Theory, NeedsNmap, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public Task A_stop_and_a_deadline_end_nmap_and_keep_what_was_found(CommunicationDirection way) =>
        InSecondBlockAsync(way, async (pair, nmap, host, scan, cut) =>
        {
            pair.Console.Scans.Stop(scan.ScanId);
            ScanRecord stopped = await pair.EndAsync(scan.ScanId);
            await cut.EndedAsync();

            // On a busy machine the time may be over before nmap begins.
            Task<PlayedNmap.Run> held = nmap.NextAsync();
            ScanRecord late = pair.Console.Scans.Add(
                pair.PairingId,
                Request(host, "9"),
                new Domain.Scans.ScanTerms { Deadline = DateTimeOffset.UtcNow.AddSeconds(5) });
            ScanRecord over = await pair.EndAsync(late.ScanId);
            if (held.IsCompletedSuccessfully)
            {
                await (await held).EndedAsync();
            }

            Assert.Equal((ScanState.Stopped, 10L), (stopped.State, stopped.FindingCount));
            Assert.Equal((ScanState.Failed, ScanCause.DeadlinePassed), (over.State, over.Cause));
        });

    [Theory, NeedsLinux, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_report_that_cannot_be_used_fails_the_run_and_the_attempts_run_out(CommunicationDirection way)
    {
        using PlayedNmap nmap = PlayedNmap.Writing(
            "<!DOCTYPE nmaprun [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><nmaprun>&a;</nmaprun>", "echo oops >&2; exit 1");
        await using NodePair pair = await AllowedAsync(way, () => nmap.Program);
        using var host = new LoopbackHost();
        ScanRecord scan = pair.Console.Scans.Add(
            pair.PairingId, Request(host, "9"), new Domain.Scans.ScanTerms { MaxAttempts = 2 });
        for (int i = 0; i < 2; i++)
        {
            await (await nmap.NextAsync()).GoAsync();
        }

        ScanRecord failed = await pair.EndAsync(scan.ScanId);

        Assert.Equal((ScanState.Failed, ScanCause.RetriesExhausted), (failed.State, failed.Cause));
        Assert.Contains("the report of nmap cannot be used", failed.Detail, StringComparison.Ordinal);
        Assert.Contains(Environment.MachineName, failed.Detail, StringComparison.Ordinal);
    }

    private static async Task<NodePair> AllowedAsync(CommunicationDirection way, Func<NmapProgram> find)
    {
        NodePair pair = await NodePair.ActiveAsync(way, engine: options => options with { FindNmap = find });
        pair.Engine.SetPolicy(new TargetPolicy { AllowNmap = true });
        return pair;
    }

    private static ScanRequest Request(LoopbackHost host, string ports) =>
        new() { Targets = [host.Name], Ports = ports, Parallelism = 1, Scanner = ScannerKind.Nmap };

    private static ScanRecord Add(NodePair pair, LoopbackHost host, string ports) =>
        pair.Console.Scans.Add(pair.PairingId, Request(host, ports));

    /// <summary>The first of three blocks has arrived, and nmap has begun the second and does not go on.</summary>
    private static async Task InSecondBlockAsync(
        CommunicationDirection way,
        Func<NodePair, PlayedNmap, LoopbackHost, ScanRecord, PlayedNmap.Run, Task> then)
    {
        using PlayedNmap nmap = PlayedNmap.Real();
        await using NodePair pair = await AllowedAsync(way, () => nmap.Program);
        using var host = new LoopbackHost();
        ScanRecord scan = Add(pair, host, "2001-2025");
        await (await nmap.NextAsync()).GoAsync();
        PlayedNmap.Run second = await nmap.NextAsync();
        await pair.UntilScanAsync(scan.ScanId, now => now.Cursor == 10);
        await then(pair, nmap, host, scan, second);
    }

    /// <summary>The block that was cut is scanned once more and no other, and every unit is there once.</summary>
    private static async Task GoesOnAsync(NodePair pair, PlayedNmap nmap, ScanRecord scan, PlayedNmap.Run cut)
    {
        PlayedNmap.Run again = await nmap.NextAsync();
        Assert.Equal(cut.Arguments, again.Arguments);
        await again.GoAsync();
        PlayedNmap.Run third = await nmap.NextAsync();
        Assert.Contains(" -p 2021-2025 ", third.Arguments, StringComparison.Ordinal);
        await third.GoAsync();

        ScanRecord done = await pair.EndAsync(scan.ScanId);
        Assert.Equal((ScanState.Completed, 25L, 25L), (done.State, done.Cursor, done.FindingCount));
        Assert.Equal(
            Enumerable.Range(2001, 25), pair.Console.Store.ReadFindings(scan.ScanId).Select(finding => finding.Port));
    }
}
