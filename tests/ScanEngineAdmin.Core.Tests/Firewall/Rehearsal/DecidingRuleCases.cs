using static ScanEngineAdmin.Core.Tests.Firewall.Rehearsal.ReducedCase;

namespace ScanEngineAdmin.Core.Tests.Firewall.Rehearsal;

/// <summary>Filters in which it is easy to name the wrong rule as the one that decides.</summary>
internal static class DecidingRuleCases
{
    private const string Out = "out 10.77.0.2 40815";

    // What docker writes for its default bridge, as far as it meets what comes in.
    private const string Docker = "iptables -N DOCKER; iptables -N DOCKER-USER; iptables -A FORWARD -j DOCKER-USER; "
        + "iptables -P FORWARD DROP; iptables -A FORWARD -o docker0 -j DOCKER; iptables -A DOCKER-USER -j RETURN; "
        + "iptables -t nat -N DOCKER; iptables -t nat -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER; "
        + "iptables -t nat -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE";

    public static IEnumerable<ReducedCase> All => [
        .. ((string[])["nft", "legacy"]).SelectMany(Tables),
        new("the first packet passes and the next is refused", "nft 'add table inet filter; add chain inet filter c { "
            + "type filter hook input priority 0; }; add rule inet filter c tcp flags syn tcp dport 40814 accept; add "
            + "rule inet filter c tcp dport 40814 reject with tcp reset'", false) { Decides = "reject with tcp reset" },
        new("the first packet passes and the next is dropped", Chain("drop", "tcp flags syn tcp dport 40814 accept"),
            false) { Decides = "the policy of chain inet filter c (drop)" },
        new("the first packet passes and iptables drops the next", FirstOnly("iptables", "INPUT", "40814"), false)
        { Decides = "INPUT (drop)" },
        new("the first packet passes and the older iptables drops the next",
            FirstOnly("iptables-legacy", "INPUT", "40814"), false)
        { Decides = "iptables-legacy -t filter: :INPUT DROP" },
        new("a chain of the older iptables whose name begins like a denial", "iptables-legacy -N DROPS; "
            + "iptables-legacy -A DROPS -j RETURN; iptables-legacy -A INPUT -j DROPS; iptables-legacy -P INPUT DROP",
            false) { Decides = "iptables-legacy -t filter: :INPUT DROP" },
        new("a text of the older iptables that speaks of a denial", "iptables-legacy -A INPUT -j LOG --log-prefix "
            + "'no -j DROP '; iptables-legacy -P INPUT DROP", false)
        { Decides = "iptables-legacy -t filter: :INPUT DROP" },
        new("the first packet goes out and the next is dropped",
            Chain("drop", "tcp flags syn tcp dport 40815 accept", "output"), false, Out)
        { Decides = "the policy of chain inet filter c (drop)" },
        new("the first packet goes out and the older iptables drops the next",
            FirstOnly("iptables-legacy", "OUTPUT", "40815"), false, Out)
        { Decides = "iptables-legacy -t filter: :OUTPUT DROP" },
        new("a native redirect to a port that is closed",
            Nat("tcp dport 40814 accept"), false) { Decides = "tcp dport 40814 redirect to :22" },
        new("a native drop in mangle", Chain("accept", "tcp dport 40814 drop", "prerouting", "mangle"), false)
        { Decides = "tcp dport 40814 drop" },
        new("one backend accepts and the other drops", "iptables-legacy -P INPUT DROP; iptables-legacy -A INPUT -p "
            + "tcp --dport 40814 -j ACCEPT; iptables-nft -P INPUT DROP; iptables-nft -A INPUT -p tcp --dport 22 -j "
            + "ACCEPT", false) { Decides = "ip filter INPUT (drop)" },
        new("the other backend drops and one accepts", "iptables-nft -P INPUT DROP; iptables-nft -A INPUT -p "
            + "tcp --dport 40814 -j ACCEPT; iptables-legacy -N all; iptables-legacy -A all -j DROP; iptables-legacy "
            + "-A INPUT -j all", false) { Decides = "iptables-legacy -t filter: -A all -j DROP" },
        new("both backends accept", "for b in nft legacy; do iptables-$b -P INPUT DROP; iptables-$b -A INPUT -p "
            + "tcp --dport 40814 -j ACCEPT; done", true),
        new("docker's chains beside a filter", Docker + "; iptables -P INPUT DROP; iptables -A INPUT -p tcp --dport "
            + "40814 -j ACCEPT", true),
        new("a port that docker has published", Docker + "; iptables -t nat -A DOCKER ! -i docker0 -p tcp --dport "
            + "40814 -j DNAT --to-destination 172.17.0.2:80; " + Chain("drop", "tcp dport 40814 accept"), false)
        { Decides = "--to-destination 172.17.0.2:80" },
        new("docker's chains of the older iptables beside native ones", Docker.Replace(
            "iptables", "iptables-legacy", StringComparison.Ordinal) + "; " + Chain("drop", "tcp dport 22 accept"),
            false) { Decides = "the policy of chain inet filter c (drop)" },
        .. Refused(), .. Accepted()];

    // A refusal that another rule drops: the rule that refuses is the one that decides.
    private static IEnumerable<ReducedCase> Refused()
    {
        const string Reject = "-p tcp -m tcp --dport 40814 -j REJECT --reject-with tcp-reset";
        const string Lost = "-p tcp -m tcp --tcp-flags RST RST -j DROP";
        return [
            new("refused: the older iptables drops its own refusal", $"iptables-legacy -A INPUT {Reject}; iptables-legacy "
                + $"-A OUTPUT {Lost}", false) { Decides = $"iptables-legacy -t filter: -A INPUT {Reject}" },
            new("refused: in a chain of its own", $"iptables-legacy -N no; iptables-legacy -A no {Reject}; iptables-legacy "
                + $"-A INPUT -j no; iptables-legacy -A OUTPUT {Lost}", false)
            { Decides = $"iptables-legacy -t filter: -A no {Reject}" },
            new("refused: native rules drop the refusal", $"iptables-legacy -A INPUT {Reject}; "
                + Chain("accept", "tcp flags rst drop", "output"), false)
            { Decides = $"iptables-legacy -t filter: -A INPUT {Reject}" },
            new("refused: natively, and the older iptables drops that", Chain(
                "accept", "tcp dport 40814 reject with tcp reset") + $"; iptables-legacy -A OUTPUT {Lost}", false)
            { Decides = "tcp dport 40814 reject with tcp reset" },
            new("refused: on the way out", $"iptables-legacy -A OUTPUT {Reject.Replace("14", "15", StringComparison.Ordinal)}; "
                + $"iptables-legacy -A INPUT {Lost}", false, Out)
            { Decides = "iptables-legacy -t filter: -A OUTPUT" }];
    }

    // Of the older iptables only counts are seen, those of the answer and of later packets among them.
    private static IEnumerable<ReducedCase> Accepted() => ((string[])["INPUT", "in-new"]).Select(static chain =>
        new ReducedCase(
            $"accepted: by a rule of {chain}",
            "iptables-legacy -P INPUT DROP; iptables-legacy -A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT; "
                + "iptables-legacy -A OUTPUT -p tcp -j ACCEPT; iptables-legacy -N in-new; iptables-legacy -A INPUT -j in-new; "
                + $"iptables-legacy -A {chain} -p tcp -m tcp --dport 40814 -j ACCEPT",
            true)
        {
            Decides = $"iptables-legacy -t filter: -A {chain} -p tcp -m tcp --dport 40814 -j ACCEPT",
        });

    // What decides before the filter does, in the words of the backend that has it.
    private static IEnumerable<ReducedCase> Tables(string backend)
    {
        string tool = "iptables-" + backend;
        const string Port = "-p tcp -m tcp --dport 40814";
        foreach ((string table, string chain) in ((string, string)[])[
            ("raw", "PREROUTING"), ("mangle", "PREROUTING"), ("mangle", "INPUT")])
        {
            yield return new ReducedCase(
                $"{tool}: a drop in {table} {chain}", $"{tool} -t {table} -A {chain} {Port} -j DROP", false)
            { Decides = $"-A {chain} {Port} -j DROP" };
            yield return new ReducedCase(
                $"{tool}: a chain of {table} {chain}, and native rules that accept",
                $"{tool} -t {table} -N no; {tool} -t {table} -A no -j DROP; {tool} -t {table} -A {chain} {Port} -j no; "
                    + Chain("drop", "tcp dport 40814 accept"), false)
            { Decides = "-A no -j DROP" };
        }

        yield return new ReducedCase(
            $"{tool}: a redirect to a port that is closed",
            $"{tool} -t nat -A PREROUTING {Port} -j REDIRECT --to-ports 22; {tool} -P INPUT DROP; "
                + $"{tool} -A INPUT {Port} -j ACCEPT", false)
        { Decides = $"-A PREROUTING {Port} -j REDIRECT --to-ports 22" };
    }

    private static string FirstOnly(string tool, string chain, string port) =>
        $"{tool} -P {chain} DROP; {tool} -A {chain} -p tcp --syn --dport {port} -j ACCEPT";
}
