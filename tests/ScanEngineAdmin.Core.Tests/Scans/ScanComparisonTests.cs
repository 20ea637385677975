using ScanEngineAdmin.Core.Tests.Admin;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Scanning.Compare;
using ScanEngineAdmin.Scanning.Plan;

namespace ScanEngineAdmin.Core.Tests.Scans;

/// <summary>What is different in the later one of two scans.</summary>
[Collection(nameof(Alone))]
public sealed class ScanComparisonTests : IDisposable
{
    private readonly AdminHost _host = new();
    private readonly IConsoleStore _store;
    private readonly EngineRecord _engine;
    private DateTimeOffset _queued = DateTimeOffset.UnixEpoch;

    public ScanComparisonTests()
    {
        _engine = _host.AddPaired("lab", CommunicationDirection.ConsoleToEngine);
        _store = _host.Console.Store;
    }

    public void Dispose() => _host.Dispose();

    [Fact]
    public void Each_kind_is_said_once_and_what_stayed_is_not()
    {
        // 10.0.0.1 stays, 10.0.0.2 has four changes, 10.0.0.3 comes, 10.0.0.4 goes.
        ScanRecord before = Scan(
            ["10.0.0.1-4"], "1-4", "oc--", "ocoo", "----", "ccoc");
        ScanRecord after = Scan(
            ["10.0.0.1-4"], "1-4", "oc--", "co-O", "cco-", "----");

        Assert.Equal(
            [
                "Closed 10.0.0.2:1", "Opened 10.0.0.2:2", "Filtered 10.0.0.2:3", "BannerChanged 10.0.0.2:4",
                "NewHost 10.0.0.3", "Opened 10.0.0.3:3", "GoneHost 10.0.0.4", "Filtered 10.0.0.4:3",
            ],
            Compare(before, after));

        // The one that was queued first is the earlier one, whichever is named first.
        Assert.Equal(Compare(before, after), Compare(after, before));
        Assert.Empty(Compare(before, before));
    }

    [Fact]
    public void Only_what_both_have_scanned_is_compared()
    {
        ScanRecord before = Scan(["10.0.0.1", "10.0.0.3-4", "::7"], "22,80", "oo", "oo", "oo", "oo");
        ScanRecord after = Scan(["10.0.0.2-4", "::5-::7"], "80-81", "cc", "cc", "c.", "cc", "cc", "cc");

        Assert.Equal(
            ["Closed 10.0.0.3:80", "Closed 10.0.0.4:80", "Closed ::7:80"], Compare(before, after));
        Assert.Equal((4, 2), ScanComparison.Of(before, after).OnlyOne());
    }

    [Fact]
    public void Names_are_compared_in_whatever_order_they_were_given()
    {
        ScanRecord before = Scan(["alpha", "beta", "gamma", "10.0.0.9"], "22", "o", "o", "o", "o");
        ScanRecord after = Scan(["GAMMA", "delta", "10.0.0.9", "alpha", "beta"], "22", "o", "c", "o", "c", "-");

        Assert.Equal(
            ["Closed alpha:22", "GoneHost beta", "Filtered beta:22", "Closed gamma:22"],
            Compare(before, after));
    }

    [Fact]
    public void A_unit_that_was_not_reached_or_was_passed_over_says_nothing()
    {
        ScanRecord before = Scan(["10.0.0.1-3"], "1-2", "oo", "oo", "oo");
        ScanRecord after = Scan(["10.0.0.1-3"], "1-2", "c.", "..", "..");

        Assert.Equal(["Closed 10.0.0.1:1"], Compare(before, after));
        Assert.Equal(["Closed 10.0.0.1:1"], Compare(after, before));
    }

    [Fact]
    public void Wide_scans_that_hardly_overlap_are_read_over_and_not_through()
    {
        // Only the first and the last address of the later one are in the earlier one.
        ScanRecord before = Scan(["10.0.0.0", "10.0.40.0"], "80", "o", "o");
        ScanRecord after = Scan(["10.0.0.0-10.0.40.0"], "80");
        Save(after, [Found(after, 0, 'c'), .. Enumerable.Range(1, 10_239).Select(unit => Found(after, unit, 'o')),
            Found(after, 10_240, 'c')]);
        var watch = new ReadFindings(_store);

        Assert.Equal(
            ["Closed 10.0.0.0:80", "Closed 10.0.40.0:80"],
            ScanComparison.Of(before, after).Read(watch.Store, default).Select(Text));
        Assert.InRange(watch.Count, 3, 4);
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public void Many_findings_take_no_more_room_than_a_few()
    {
        const int Units = 60_000;
        ScanRecord before = Scan(["10.0.0.0-10.0.2.87"], "1-100");
        ScanRecord after = Scan(["10.0.0.0-10.0.2.87"], "1-100");
        Save(before, [.. Enumerable.Range(0, Units).Select(unit => Found(before, unit, 'c'))]);
        Save(after, [.. Enumerable.Range(0, Units).Select(unit => Found(after, unit, unit % 2 == 0 ? 'o' : 'c'))]);
        long start = GC.GetTotalMemory(forceFullCollection: true);
        long most = 0;
        int count = 0;
        foreach (ScanDifference _ in ScanComparison.Of(before, after).Read(_store, default))
        {
            if (++count % 10_000 == 0)
            {
                most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: true) - start);
            }
        }

        Assert.Equal(Units / 2, count);
        Assert.InRange(most, long.MinValue, 4 << 20);
    }

    [Fact]
    public void A_comparison_can_be_stopped()
    {
        ScanRecord before = Scan(["10.0.0.1"], "1", "o");
        using var stop = new CancellationTokenSource();
        stop.Cancel();

        Assert.Throws<OperationCanceledException>(
            () => ScanComparison.Of(before, before).Read(_store, stop.Token).Count());
    }

    private string[] Compare(ScanRecord one, ScanRecord other) =>
        [.. ScanComparison.Of(one, other).Read(_store, default).Select(Text)];

    private static string Text(ScanDifference one) =>
        one.After is null ? $"{one.Kind} {one.Target}" : $"{one.Kind} {one.Target}:{one.After.Port}";

    // A text per target in the plan's order, a letter per port: open (O with another banner), closed, silent, not done.
    private ScanRecord Scan(string[] targets, string ports, params string[] findings)
    {
        var scan = new ScanRecord
        {
            ScanId = Guid.NewGuid(),
            PairingId = _engine.PairingId,
            EngineName = _engine.Name,
            Request = new ScanRequest { Targets = targets, Ports = ports },
            State = ScanState.Running,
            Attempt = 1,
            Queued = _queued += TimeSpan.FromHours(1),
        };
        _store.AddScan(scan);
        string all = string.Concat(findings);
        Save(scan, [.. all.Select((letter, unit) => (letter, unit)).Where(one => one.letter != '.')
            .Select(one => Found(scan, one.unit, one.letter))]);
        return scan;
    }

    private void Save(ScanRecord scan, Finding[] findings)
    {
        long number = _store.GetScan(scan.ScanId)!.LastBatch;
        foreach (Finding[] part in findings.Chunk(ScanLimits.MaxFindingsPerBatch))
        {
            Assert.Equal(BatchOutcome.Stored, _store.SaveBatch(scan.PairingId, scan.ScanId, 1, new ScanBatch
            {
                Number = ++number,
                Findings = part,
                Cursor = part[^1].Unit + 1,
                TargetsTotal = 1,
                TargetsDone = 0,
            }, _queued));
        }
    }

    private static Finding Found(ScanRecord scan, int unit, char letter)
    {
        ScanPlan plan = ScanPlan.Create(scan.Request);
        string target = plan.Targets[unit / plan.Ports.Count];
        return new Finding(
            unit, target, plan.Ports[unit % plan.Ports.Count],
            letter switch { 'o' or 'O' => PortState.Open, 'c' => PortState.Closed, _ => PortState.Filtered },
            null, letter switch { 'o' => "hello", 'O' => "good day", _ => null });
    }
}
