using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Xml.Linq;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Scans;

/// <summary>Against a host behind a real filter, and against what others say of the same host.</summary>
[Trait("Speed", "Slow")]
public sealed class NmapComparisonTests
{
    private const string Filter = """
        table inet t {
          chain input {
            type filter hook input priority 0;
            tcp dport { 21, 25, 1010 } drop
            tcp dport 26 reject with tcp reset
            tcp dport 27 reject
            tcp dport 28 reject with icmpx type admin-prohibited
            tcp dport 29 reject with icmpx type host-unreachable
          }
        }
        """;

    [Fact, NeedsNamespace("nmap")]
    public async Task Open_closed_and_filtered_are_the_same_as_nmap_says()
    {
        using var space = NetworkNamespace.Create();
        string rules = Path.GetTempFileName();
        await File.WriteAllTextAsync(rules, Filter);
        space.Run("nft", "-f", rules);
        File.Delete(rules);
        int[] open = [22, 80, 443, 1000];
        List<TcpListener> listeners = space.Make(() => open.Select(port =>
        {
            var listener = new TcpListener(IPAddress.Any, port);
            listener.Start();
            return listener;
        }).ToList());
        try
        {
            var session = new ScanSession();
            await session.RunAsync(new ScanRequest
            {
                Targets = [space.Inside.ToString()],
                Ports = "1-1200",
                Timeout = TimeSpan.FromSeconds(15),
                BannerTimeout = TimeSpan.FromMilliseconds(100),
            }).WaitAsync(ScanSession.Bound);

            Dictionary<int, string> ours =
                session.Findings.ToDictionary(f => f.Port, f => f.State.ToString().ToLowerInvariant());
            Dictionary<int, string> theirs = await NmapAsync(space.Inside, 1_200);
            Assert.Equal(theirs.OrderBy(p => p.Key), ours.OrderBy(p => p.Key));
            Assert.Equal(open, ours.Where(p => p.Value == "open").Select(p => p.Key).Order());
            Assert.Equal([21, 25, 28, 29, 1010], ours.Where(p => p.Value == "filtered").Select(p => p.Key).Order());
        }
        finally
        {
            listeners.ForEach(l => l.Dispose());
        }
    }

    private static async Task<Dictionary<int, string>> NmapAsync(IPAddress target, int ports)
    {
        string[] arguments =
            ["-sT", "-Pn", "-n", "--min-rtt-timeout", "500ms", "-oX", "-", $"-p1-{ports}", target.ToString()];
        using var nmap = Process.Start(new ProcessStartInfo("nmap", arguments) { RedirectStandardOutput = true })!;
        string xml = await nmap.StandardOutput.ReadToEndAsync().WaitAsync(ScanSession.Bound);
        XElement told = XDocument.Parse(xml).Descendants("ports").Single();

        // It sums up the state that most ports share.
        string rest = told.Elements("extraports").Single().Attribute("state")!.Value;
        Dictionary<int, string> states = Enumerable.Range(1, ports).ToDictionary(p => p, _ => rest);
        foreach (XElement port in told.Elements("port"))
        {
            states[(int)port.Attribute("portid")!] = port.Element("state")!.Attribute("state")!.Value;
        }

        return states;
    }
}
