using System.Net;
using FsCheck;
using FsCheck.Fluent;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Scanning.Plan;
using ScanEngineAdmin.Scanning.Targets;

namespace ScanEngineAdmin.Core.Tests.Scans;

public sealed class ExclusionTests
{
    [Theory]
    [InlineData("10.0.0.0/29", "10.0.0.5", "10.0.0.0-10.0.0.4 10.0.0.6-10.0.0.7")]
    [InlineData("10.0.0.0/29", "10.0.0.0/30,10.0.0.7", "10.0.0.4-10.0.0.6")]
    [InlineData("10.0.0.1,10.0.0.9,web", "10.0.0.9 WEB", "10.0.0.1")]
    [InlineData("10.0.0.1", "11.0.0.0/8", "10.0.0.1")]
    [InlineData("10.0.0-3.1", "10.0.*.1-200,2001:db8::/32", "")]
    [InlineData("::ffff:10.0.0.4/127", "10.0.0.4", "10.0.0.5")]
    public void What_is_excluded_is_no_target(string targets, string exclude, string left)
    {
        if (left.Length == 0)
        {
            var error = Assert.Throws<ScanEngineException>(() => TargetList.Parse([targets], Exclusions.Parse([exclude])));
            Assert.Equal(FaultCode.TargetInvalid, error.Code);
            Assert.Contains("exclusions leave nothing", error.Message, StringComparison.Ordinal);
            return;
        }

        Assert.Equal(left.Split(' '), TargetList.Parse([targets], Exclusions.Parse([exclude])).Texts);
    }

    [Fact]
    public void A_big_block_is_cut_without_being_expanded()
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        TargetList list = TargetList.Parse(["10.0.0.0/9"], Exclusions.Parse(["10.64.0.0/16", "10.0.0.0"]));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200_000);
        Assert.Equal((1L << 23) - 65_536 - 1, list.Count);
        Assert.Equal("10.0.0.1", list[0]);
    }

    [Fact]
    public void Targets_without_exclusions_are_what_sets_say()
    {
        Gen<(bool V6, int First, int Last)> range =
            from v6 in Gen.Choose(0, 1)
            from a in Gen.Choose(0, 40)
            from b in Gen.Choose(0, 12)
            select (V6: v6 == 1, First: a, Last: a + b);
        Gen<List<(bool V6, int First, int Last)>> ranges = Gen.NonEmptyListOf(range).Select(l => l.ToList());
        Prop.ForAll(Gen.Zip(ranges, ranges).ToArbitrary(), pair =>
        {
            (List<(bool, int, int)> targets, List<(bool, int, int)> exclude) = pair;
            string[] expected = Numbers(targets).Except(Numbers(exclude)).Order()
                .Select(one => Address(one.V6, one.Number)).ToArray();
            if (expected.Length == 0)
            {
                return true;
            }

            TargetList list = TargetList.Parse(targets.Select(Text), Exclusions.Parse(exclude.Select(Text)));
            string[] all = Enumerable.Range(0, (int)list.Count).Select(i => list[i]).ToArray();
            return expected.SequenceEqual(all)
                && all.SequenceEqual(TargetList.Parse(list.Texts).Texts.SelectMany(Expand));
        }).QuickCheckThrowOnFailure();

        static IEnumerable<(bool V6, int Number)> Numbers(List<(bool V6, int First, int Last)> ranges) => ranges
            .SelectMany(r => Enumerable.Range(r.First, r.Last - r.First + 1).Select(n => (r.V6, n))).Distinct();
        static string Text((bool V6, int First, int Last) r) => $"{Address(r.V6, r.First)}-{Address(r.V6, r.Last)}";
        static string Address(bool v6, int n) =>
            IPAddress.Parse(v6 ? $"2001:db8::{n:x}" : $"10.0.0.{n}").ToString();
        static IEnumerable<string> Expand(string text)
        {
            TargetList list = TargetList.Parse([text]);
            return Enumerable.Range(0, (int)list.Count).Select(i => list[i]);
        }
    }

    [Theory]
    [InlineData("10.0.0.0/29", "10.0.0.5", false)]
    [InlineData("10.0.0.0/29,web", "10.0.0.5", true)]
    [InlineData("10.0.0.0/29", "web", true)]
    [InlineData("web", "", false)]
    public void An_engine_is_told_of_exclusions_only_where_names_are_in_it(string targets, string exclude, bool told)
    {
        var plan = ScanPlan.Create(new ScanRequest { Targets = [targets], Exclude = [exclude], Ports = "22" });
        var start = ScanStart.From(
            new ScanRecord
            {
                ScanId = Guid.NewGuid(),
                PairingId = Guid.NewGuid(),
                EngineName = "lab",
                Request = plan.Request,
                State = ScanState.Dispatched,
                Queued = DateTimeOffset.UnixEpoch,
            },
            plan);
        Assert.Equal(told, start.Exclude is not null);
        Assert.Equal(plan.Targets.Texts, ScanPlan.Create(start.ToRequest()).Targets.Texts);
    }

    [Fact]
    public async Task A_name_that_has_an_excluded_address_is_not_asked()
    {
        using var host = new LoopbackHost();
        int port = host.Talking("220 x\r\n");
        var session = new ScanSession { LookUp = (_, _) => Task.FromResult(new[] { IPAddress.Loopback }) };

        await session.RunAsync(Request(["web.test"], ["127.0.0.0/8"], port));
        ScanBatch last = session.Last;

        Assert.Equal(ScanState.Completed, last.Final);
        Assert.Empty(session.Findings);
        Assert.Contains("web.test (127.0.0.1) is excluded", last.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_that_an_excluded_name_has_is_not_asked_and_is_counted()
    {
        using var host = new LoopbackHost();
        int port = host.Talking("220 x\r\n");
        var session = new ScanSession
        {
            Skips = true,
            LookUp = (_, _) => Task.FromResult(new[] { IPAddress.Loopback, IPAddress.Parse("127.0.0.3") }),
        };

        await session.RunAsync(Request(["127.0.0.1-3"], ["db.test"], port));
        ScanBatch last = session.Last;

        Assert.Equal(ScanState.Completed, last.Final);
        Assert.Equal("127.0.0.2", Assert.Single(session.Findings).Target);
        Assert.Contains(
            "2 addresses were passed over, those of excluded host names: 127.0.0.1 and others", last.Detail,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_excluded_name_that_cannot_be_looked_up_ends_the_scan_before_anything_is_asked()
    {
        var session = new ScanSession { LookUp = (_, _) => Task.FromResult(Array.Empty<IPAddress>()) };
        var error = await Assert.ThrowsAsync<ScanEngineException>(
            () => session.RunAsync(Request(["127.0.0.1"], ["db.test"], 1)));
        Assert.Equal((FaultCode.ScanRefused, "db.test"), (error.Code, error.Target));
        Assert.Empty(session.Findings);
    }

    [Fact]
    public async Task A_policy_may_pass_over_what_it_denies_and_says_how_many()
    {
        using var host = new LoopbackHost();
        int port = host.Talking("220 x\r\n");
        var policy = new TargetPolicy { Deny = ["127.0.0.2-9"], OnDenied = DeniedTargets.Skip };
        var session = new ScanSession { Policy = policy, Skips = true };

        await session.RunAsync(Request(["127.0.0.1-4"], [], port));
        ScanBatch last = session.Last;

        Assert.Equal(ScanState.Completed, last.Final);
        Assert.Equal("127.0.0.1", Assert.Single(session.Findings).Target);
        Assert.Contains(
            "3 addresses were passed over, not allowed by the engine's target policy: 127.0.0.2-127.0.0.4",
            last.Detail, StringComparison.Ordinal);
        Assert.Equal(
            FaultCode.ScanRefused,
            (await Assert.ThrowsAsync<ScanEngineException>(() => new ScanSession
            {
                Policy = policy with { OnDenied = DeniedTargets.Refuse },
            }.RunAsync(Request(["127.0.0.1-4"], [], port)))).Code);
    }

    private static ScanRequest Request(string[] targets, string[] exclude, int port) => new()
    {
        Targets = targets,
        Exclude = exclude,
        Ports = $"{port}",
    };
}
