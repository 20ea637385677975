using System.Net;
using System.Net.Sockets;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Scanning.Targets;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Scans;

public sealed class NameScanTests
{
    [Fact]
    public async Task Names_are_scanned_by_the_address_they_have_and_the_rest_is_told()
    {
        using var host = new LoopbackHost();
        int open = host.Silent();
        DateTimeOffset before = DateTimeOffset.UtcNow;
        var session = new ScanSession
        {
            Policy = new TargetPolicy { Deny = ["192.0.2.0/24"] },
            LookUp = (name, _) => name switch
            {
                "good.example" => Task.FromResult(new[] { host.Address, IPAddress.Parse("192.0.2.1") }),
                "mapped.example" => Task.FromResult(new[] { IPAddress.Parse("::ffff:192.0.2.7") }),
                "empty.example" => Task.FromResult(Array.Empty<IPAddress>()),
                _ => throw new SocketException((int)SocketError.HostNotFound),
            },
        };
        await session.RunAsync(ConnectScannerTests.Request(host, open) with
        {
            Targets = ["unknown.example", "good.example", "mapped.example", "empty.example"],
        });

        Finding finding = Assert.Single(session.Findings);
        Assert.Equal(("good.example", 1L, PortState.Open), (finding.Target, finding.Unit, finding.State));
        Assert.Equal(($"{host.Address}", $"{host.Address}"), (finding.Resolved, finding.Address));
        Assert.InRange(finding.Found!.Value, before, DateTimeOffset.UtcNow);
        Assert.Equal((ScanState.Completed, 4L, 4L),
            (session.Last.Final, session.Last.Cursor, session.Last.TargetsDone));
        Assert.Contains("unknown.example did not resolve", session.Last.Detail, StringComparison.Ordinal);
        Assert.Contains("mapped.example (192.0.2.7) is not allowed", session.Last.Detail, StringComparison.Ordinal);
        Assert.Contains("empty.example has no address", session.Last.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_of_one_link_is_passed_over()
    {
        using var host = new LoopbackHost();
        int open = host.Silent();
        var session = new ScanSession
        {
            LookUp = (name, _) => Task.FromResult<IPAddress[]>(name == "both.example"
                ? [IPAddress.Parse("fe80::1%2"), host.Address]
                : [IPAddress.Parse("fe80::1%2")]),
        };
        await session.RunAsync(ConnectScannerTests.Request(host, open) with { Targets = ["link.example", "both.example"] });

        Finding finding = Assert.Single(session.Findings);
        Assert.Equal(("both.example", $"{host.Address}"), (finding.Target, finding.Resolved));
        Assert.Equal("link.example has an address on one link only", session.Last.Detail);
    }

    [Fact]
    public async Task Units_stay_where_they_are_whatever_names_resolve_to_and_the_policy_lets_pass()
    {
        using var host = new LoopbackHost();
        int open = host.Silent();
        ScanRequest request = ConnectScannerTests.Request(host, open) with
        {
            Targets = ["one.example", "two.example", host.Name, "three.example"],
        };
        var all = new ScanSession { LookUp = (_, _) => Task.FromResult(new[] { host.Address }) };
        await all.RunAsync(request);
        var some = new ScanSession
        {
            Policy = new TargetPolicy { Deny = ["192.0.2.0/24"] },
            LookUp = (name, _) => name switch
            {
                "one.example" => Task.FromResult(Array.Empty<IPAddress>()),
                "two.example" => Task.FromResult(new[] { IPAddress.Parse("192.0.2.1") }),
                _ => Task.FromResult(new[] { host.Address }),
            },
        };
        await some.RunAsync(request, cursor: 1);

        Assert.Equal(
            [(0L, host.Name), (1L, "one.example"), (2L, "two.example"), (3L, "three.example")],
            all.Findings.Select(finding => (finding.Unit, finding.Target)).Order());
        Assert.Equal((3L, "three.example"), some.Findings.Select(finding => (finding.Unit, finding.Target)).Single());
        Assert.Equal((ScanState.Completed, 4L), (some.Last.Final, some.Last.Cursor));
    }

    [Fact]
    public async Task Thousands_of_names_that_do_not_resolve_are_told_within_bounds()
    {
        using var host = new LoopbackHost();
        var session = new ScanSession { LookUp = (_, _) => Task.FromResult(Array.Empty<IPAddress>()) };
        await session.RunAsync(ConnectScannerTests.Request(host) with
        {
            Targets = [.. Enumerable.Range(0, 2_000)
                .Select(i => $"{new string('n', 60)}.{new string('m', 60)}.host{i}")],
            Ports = "1-100",
        }).WaitAsync(ScanSession.Bound);
        Assert.Equal((ScanState.Completed, 200_000L), (session.Last.Final, session.Last.Cursor));
        Assert.Contains("and 1990 more names", session.Last.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_look_up_that_hangs_is_given_up()
    {
        using var host = new LoopbackHost();
        var time = new ManualTime();
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var session = new ScanSession
        {
            Time = time,
            LookUp = (_, _) =>
            {
                asked.SetResult();
                return new TaskCompletionSource<IPAddress[]>().Task;
            },
        };
        Task scan = session.RunAsync(ConnectScannerTests.Request(host) with { Targets = ["slow.example"] });
        await asked.Task.WaitAsync(ScanSession.Bound);
        await time.PassUntilAsync(scan, TimeSpan.FromSeconds(5));
        Assert.Equal(
            (ScanState.Completed, "slow.example did not resolve within 10 s"),
            (session.Last.Final, session.Last.Detail));
    }
}
