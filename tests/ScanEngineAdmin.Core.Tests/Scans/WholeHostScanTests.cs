using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.NetworkInformation;
using System.Runtime.ExceptionServices;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Scanning.Connect;

namespace ScanEngineAdmin.Core.Tests.Scans;

/// <summary>All ports of a host; nothing else scans meanwhile, as exceptions are counted.</summary>
[Collection(nameof(Alone))]
public sealed class WholeHostScanTests
{
    [Fact]
    public async Task Every_port_of_a_host_is_scanned_once_and_none_costs_an_exception()
    {
        using var host = new LoopbackHost();
        int[] open = [.. Enumerable.Range(0, 20).Select(_ => host.Silent()), host.Talking("SSH-2.0-x\r\n")];
        HashSet<int> foreign = Everywhere();
        var thrown = new ConcurrentQueue<Exception>();
        void Note(object? sender, FirstChanceExceptionEventArgs e)
        {
            // The sockets that speak for the host throw meanwhile: only what is thrown below a probe counts.
            if (new StackTrace().GetFrames().Any(f => f.GetMethod()?.DeclaringType == typeof(Probe)))
            {
                thrown.Enqueue(e.Exception);
            }
        }

        // Those that other processes open only while it runs are seen at its batches.
        var session = new ScanSession
        {
            Keep = _ =>
            {
                foreign.UnionWith(Everywhere());
                return ValueTask.CompletedTask;
            },
        };
        AppDomain.CurrentDomain.FirstChanceException += Note;
        try
        {
            await session.RunAsync(ConnectScannerTests.Request(host) with
            {
                Ports = "1-65535",
                BannerTimeout = TimeSpan.FromMilliseconds(200),
            });
        }
        finally
        {
            AppDomain.CurrentDomain.FirstChanceException -= Note;
        }

        foreign.UnionWith(Everywhere());
        Assert.Empty(thrown);
        Assert.Equal(Enumerable.Range(1, 65_535), session.Findings.Select(f => f.Port).Order());
        int[] found = [.. session.Findings.Where(f => f.State == PortState.Open).Select(f => f.Port)];

        // The list of listeners may lack those of other sandboxes: their ports are not to be had on any address.
        foreign.UnionWith(found.Except(open).Except(LoopbackHost.Free(found.Except(open))));
        Assert.Equal(open.Order(), found.Except(foreign.Except(open)).Order());
        Assert.DoesNotContain(session.Findings, f => f.State == PortState.Filtered);
        Assert.True(session.Batches.Count > 10, "Progress shows while it runs.");
    }

    /// <summary>Ports that others on this machine have open on every address.</summary>
    private static HashSet<int> Everywhere() => IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners()
        .Where(e => e.Address.Equals(IPAddress.Any) || e.Address.Equals(IPAddress.IPv6Any))
        .Select(e => e.Port).ToHashSet();
}
