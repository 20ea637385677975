using System.Diagnostics;
using System.Text;
using ScanEngineAdmin.Firewall.Rehearsal;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Faults.Rulesets;

/// <summary>How long a rehearsal takes, by the size of the rule set: the table of docs/operations.md.</summary>
internal sealed class RehearsalTimesCommand : IFaultCommand
{
    private const int Rounds = 5;

    public string Name => "rehearsal-times";

    public string Purpose => "how long a copy of a filter and a question take, by the size of the rule set";

    public async Task<int> RunAsync(IReadOnlyList<string> args)
    {
        await Console.Out.WriteLineAsync("| rule set | copy | question |\n|---|---|---|");
        foreach ((string name, string load) in Sizes())
        {
            using var host = new RulesetHost();
            ToolResult loaded = await host.RunAsync(
                new ToolCall("sh", ["-e"], load), CancellationToken.None);
            if (!loaded.Succeeded)
            {
                await Console.Error.WriteLineAsync($"{name}: {loaded.Output}");
                return Program.Failed;
            }

            var copies = new List<double>();
            var questions = new List<double>();
            for (int round = 0; round < Rounds; round++)
            {
                long start = Stopwatch.GetTimestamp();
                await using FilterRehearsal rehearsal = await FilterRehearsal.OpenAsync(
                    host.RunAsync, RulesetHost.Peers, SocketUser.OfThisProcess, CancellationToken.None);
                copies.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                start = Stopwatch.GetTimestamp();
                foreach (System.Net.IPAddress peer in RulesetHost.Peers)
                {
                    RehearsalAnswer answer = await rehearsal.AskInAsync(peer, 40814, CancellationToken.None);
                    if (answer.Verdict != RehearsalVerdict.Dropped)
                    {
                        await Console.Error.WriteLineAsync($"{name}: {answer.Verdict} {answer.Reason}");
                        return Program.Failed;
                    }
                }

                questions.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds / RulesetHost.Peers.Length);
            }

            await Console.Out.WriteLineAsync($"| {name} | {Median(copies):0} ms | {Median(questions):0} ms |");
        }

        return Program.Passed;
    }

    private static IEnumerable<(string Name, string Load)> Sizes()
    {
        foreach (int count in (int[])[10, 100, 1000, 10000])
        {
            yield return (
                $"{count} rules of nftables", Native(count, string.Empty, static i => $"tcp dport {1 + i} accept"));
        }

        yield return ("10000 elements of a set of nftables", Native(
            1, $"set many {{ type ipv4_addr; elements = {{ {Join(10000, ", ")} }}; }}",
            static _ => "ip saddr @many accept"));
        foreach (string tool in (string[])["iptables-nft", "iptables-legacy"])
        {
            foreach (int count in (int[])[100, 10000])
            {
                yield return ($"{count} rules of {tool}", Saved(tool, count));
            }
        }

        yield return ("10000 elements of an ipset", "ipset restore <<'X'\ncreate many hash:ip\n"
            + string.Concat(Enumerable.Range(0, 10000).Select(static i => $"add many {Address(i)}\n")) + "X\n"
            + Saved("iptables-nft", 1));
    }

    private static string Native(int count, string set, Func<int, string> rule)
    {
        var text = new StringBuilder("nft -f - <<'X'\ntable inet filter {\n" + set + "\nchain input {\n"
            + "type filter hook input priority 0; policy drop;\nct state established accept\n");
        for (int i = 0; i < count; i++)
        {
            text.Append(rule(i)).Append('\n');
        }

        return text + "}\n}\nX\n";
    }

    private static string Saved(string tool, int count)
    {
        var text = new StringBuilder();
        foreach (string one in (string[])[tool, tool.Replace("ip", "ip6", StringComparison.Ordinal)])
        {
            text.Append($"{one}-restore <<'X'\n*filter\n:INPUT DROP [0:0]\n:FORWARD ACCEPT [0:0]\n"
                + ":OUTPUT ACCEPT [0:0]\n");
            for (int i = 0; i < count / 2 + 1; i++)
            {
                text.Append($"-A INPUT -p tcp -m tcp --dport {1 + i} -j ACCEPT\n");
            }

            text.Append("COMMIT\nX\n");
        }

        return text.ToString();
    }

    private static string Join(int count, string between) =>
        string.Join(between, Enumerable.Range(0, count).Select(Address));

    private static string Address(int i) => $"198.{18 + (i >> 16)}.{i >> 8 & 255}.{i & 255}";

    private static double Median(List<double> all)
    {
        all.Sort();
        return all[all.Count / 2];
    }
}
