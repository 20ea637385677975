using System.Diagnostics;
using System.Text;
using ScanEngineAdmin.Firewall.Rehearsal;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Faults.Rulesets;

/// <summary>How long a rehearsal takes, by the size of the rule set: the table of docs/performance.md.</summary>
internal sealed class RehearsalTimesCommand : IFaultCommand
{
    private const int Rounds = 5;

    // A host with a hundred rules is an ordinary one. Both are for a copy and one question.
    private const int Usual = 100;
    private const double UsualLimit = 200;
    private const double Limit = 3000;

    private static readonly int[] Sizes = [10, 100, 1000, 10000];

    private static readonly (string Name, Func<int, string> Load)[] Kinds = [
        ("rules of nftables", static n => Native(n, string.Empty, static i => $"tcp dport {1 + i} accept")),
        ("elements of a set of nftables", static n => Native(
            1, $"set many {{ type ipv4_addr; elements = {{ {Join(n, ", ")} }}; }}",
            static _ => "ip saddr @many accept")),
        ("rules of iptables-nft", static n => Saved("iptables-nft", n)),
        ("rules of iptables-legacy", static n => Saved("iptables-legacy", n)),
        ("elements of an ipset", static n => "ipset restore <<'X'\ncreate many hash:ip\n"
            + string.Concat(Enumerable.Range(0, n).Select(static i => $"add many {Address(i)}\n")) + "X\n"
            + Saved("iptables-nft", 1, "-A INPUT -m set --match-set many src -j ACCEPT\n")),

        // Two copies: which of two chains comes first is not known, and one sets what the other looks at.
        ("rules of nftables and iptables-legacy with marks", static n => Native(
            n / 2, string.Empty, static i => i == 0 ? "meta mark set 1" : $"tcp dport {i} accept")
            + Saved("iptables-legacy", n / 2, "-A INPUT -m mark --mark 1 -j DROP\n")),
    ];

    public string Name => "rehearsal-times";

    public string Purpose => "how long a copy of a filter and a question take, by the size of the rule set";

    public async Task<int> RunAsync(IReadOnlyList<string> args)
    {
        await Console.Out.WriteLineAsync("Milliseconds for a copy and for a question, the median of "
            + $"{Rounds}.\n\n| | {string.Join(" | ", Sizes.Select(static s => $"{s:N0}"))} |\n"
            + $"|---|{string.Concat(Enumerable.Repeat("---|", Sizes.Length))}");
        double usual = 0;
        double most = 0;
        foreach ((string name, Func<int, string> load) in Kinds)
        {
            var cells = new List<string>();
            foreach (int size in Sizes)
            {
                if (await MeasureAsync(load(size)) is not { } took)
                {
                    await Console.Error.WriteLineAsync($"{size} {name}: not as it should be");
                    return Program.Failed;
                }

                cells.Add($"{took.Copy:0} + {took.Question:0}");
                most = Math.Max(most, took.Copy + took.Question);
                usual = size > Usual ? usual : Math.Max(usual, took.Copy + took.Question);
            }

            await Console.Out.WriteLineAsync($"| {name} | {string.Join(" | ", cells)} |");
        }

        bool passed = usual < UsualLimit && most < Limit;
        await Console.Out.WriteLineAsync(
            $"\nREHEARSAL-TIMES usual={usual:0} limit={UsualLimit} most={most:0} limit={Limit} "
            + (passed ? "PASS" : "FAIL"));
        return passed ? Program.Passed : Program.Failed;
    }

    /// <summary>A copy, and the mean of one question for each peer; null where an answer is wrong.</summary>
    private static async Task<(double Copy, double Question)?> MeasureAsync(string load)
    {
        using var host = new RulesetHost();
        ToolResult loaded = await host.RunAsync(new ToolCall("sh", ["-e"], load), CancellationToken.None);
        if (!loaded.Succeeded)
        {
            await Console.Error.WriteLineAsync(loaded.Output);
            return null;
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
                    await Console.Error.WriteLineAsync($"{answer.Verdict} {answer.Reason}");
                    return null;
                }
            }

            questions.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds / RulesetHost.Peers.Length);
        }

        return (Median(copies), Median(questions));
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

    private static string Saved(string tool, int count, string more = "")
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

            text.Append(one.StartsWith("ip6", StringComparison.Ordinal) ? string.Empty : more).Append("COMMIT\nX\n");
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
