using System.Text;

namespace ScanEngineAdmin.Faults.Rulesets;

/// <summary>A generated rule set of iptables or ip6tables, as -restore takes it.</summary>
internal sealed class SavedText(Random random, bool v4)
{
    /// <summary>The sets that its rules ask for, as ipset restore takes them.</summary>
    public const string Sets = "create friends hash:net\nadd friends 10.77.0.0/30\ncreate six hash:ip family inet6\n"
        + "add six fd00:77::2\ncreate spans hash:net,port\nadd spans 10.77.0.0/29,tcp:40000-41000\n"
        + "create six6 hash:net,port family inet6\nadd six6 fd00:77::/64,tcp:22\ncreate seen hash:ip timeout 600\n"
        + "create seen6 hash:ip family inet6 timeout 600\n"
        + "create doors bitmap:port range 1-65535\nadd doors 22\nadd doors 40814\n";

    public string Make()
    {
        var text = new StringBuilder("*filter\n");
        text.Append($":INPUT {random.Pick("ACCEPT", "DROP", "DROP")} [0:0]\n:FORWARD ACCEPT [0:0]\n"
            + $":OUTPUT {random.Pick("ACCEPT", "ACCEPT", "ACCEPT", "DROP")} [0:0]\n:side - [0:0]\n:deep - [0:0]\n");
        if (random.Next(10) < 8)
        {
            text.Append("-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n");
        }

        if (random.Next(10) < 9)
        {
            text.Append("-A OUTPUT -m state --state RELATED,ESTABLISHED -j ACCEPT\n");
        }

        Rules(text, "INPUT", 6, ["ACCEPT", "ACCEPT", "DROP", Reject(), "side", "deep", "RETURN", "LOG",
            "NFLOG --nflog-group 3", "CONNMARK --set-xmark 0x1/0xffffffff"]);
        Rules(text, "OUTPUT", 3, ["ACCEPT", "DROP", Reject(), "deep"]);
        Rules(text, "side", 3, ["ACCEPT", "DROP", "RETURN", "deep"]);
        Rules(text, "deep", 2, ["ACCEPT", "DROP", "RETURN"]);
        text.Append("COMMIT\n");
        if (random.Next(5) == 0)
        {
            text.Append("*raw\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n");
            text.Append(random.Pick(string.Empty, string.Empty, "-A PREROUTING -m rpfilter --invert -j DROP\n"));
            Rules(text, "PREROUTING", 2, ["DROP", "ACCEPT", "CT --notrack", "CT --zone 7"]);
            text.Append("COMMIT\n");
        }

        if (random.Next(6) == 0)
        {
            text.Append("*mangle\n:PREROUTING ACCEPT [0:0]\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n"
                + ":OUTPUT ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n");
            Rules(text, random.Pick("PREROUTING", "INPUT"), 2, ["DROP", "ACCEPT", "MARK --set-xmark 0x1/0xffffffff",
                v4 ? "TTL --ttl-set 3" : "HL --hl-set 3", $"SET --add-set {(v4 ? "seen" : "seen6")} src",
                "CONNMARK --save-mark"]);
            text.Append("COMMIT\n");
        }

        if (random.Next(10) == 0)
        {
            text.Append("*security\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n");
            Rules(text, random.Pick("INPUT", "OUTPUT"), 2, ["DROP", "ACCEPT"]);
            text.Append("COMMIT\n");
        }

        if (random.Next(8) == 0)
        {
            text.Append("*nat\n:PREROUTING ACCEPT [0:0]\n:INPUT ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n"
                + ":POSTROUTING ACCEPT [0:0]\n-A PREROUTING -p tcp -m tcp --dport 40814 -j REDIRECT --to-ports "
                + random.Pick("22", "8080", "22\n-A POSTROUTING -o eth0 -j MASQUERADE") + "\nCOMMIT\n");
        }

        return text.ToString();
    }

    private string Reject() => random.Pick(
        v4 ? "REJECT --reject-with icmp-port-unreachable" : "REJECT --reject-with icmp6-port-unreachable",
        v4 ? "REJECT --reject-with icmp-host-prohibited" : "REJECT --reject-with icmp6-adm-prohibited");

    private void Rules(StringBuilder text, string chain, int most, string[] targets)
    {
        int count = random.Next(1, most + 1);
        for (int i = 0; i < count; i++)
        {
            bool outward = chain == "OUTPUT";
            string end = outward ? "-d" : "-s";
            string from = random.Next(3) > 0 ? string.Empty : v4
                ? random.Pick($"{end} 10.77.0.2/32 ", $"{end} 10.77.0.0/24 ", $"! {end} 10.77.0.9/32 ", $"{end} "
                    + $"198.51.100.7/32 ")
                : random.Pick($"{end} fd00:77::2/128 ", $"{end} fd00:77::/64 ", $"! {end} fd00:77::2/128 ");
            string link = chain is "side" or "deep" || random.Next(4) > 0 ? string.Empty
                : outward ? random.Pick("-o eth0 ", "! -o lo ", "-o lo ") : random.Pick("-i eth0 ", "-i "
                    + "eth+ ", "! -i lo ", "-i lo ");
            string match = random.Pick(
                "-p tcp -m tcp --dport 40814 ", "-p tcp -m tcp --dport 22 ", "-p tcp -m tcp --dport 40000:41000 ",
                "-p tcp -m tcp ! --dport 22 ", "-p tcp -m multiport --dports 22,40814 ", "-p tcp -m multiport ! "
                    + "--dports 22,8080 ",
                "-p tcp ", "-p udp -m udp --dport 40814 ", string.Empty, "-m conntrack --ctstate NEW ", "-m "
                    + "conntrack --ctstate INVALID ",
                "-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN ", "-m addrtype --dst-type LOCAL ", "-m mark --mark "
                    + "0x1 ",
                "-p tcp -m tcp --sport 5 ", "-p tcp -m conntrack --ctorigdstport 40814 ",
                "-m conntrack --ctdir ORIGINAL ", "-m pkttype --pkt-type unicast ",
                "-p tcp -m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN ", "-m connmark --mark 0x1 ", "-m dscp --dscp 0x00 ",
                v4 ? "-f " : "-m frag --fragid 1 ", "-p tcp -m tcp --tcp-option 2 ",
                $"-m set --match-set {(v4 ? "friends" : "six")} {(outward ? "dst" : "src")} ",
                "-p tcp -m set --match-set doors dst ", v4 ? "-m iprange --src-range 10.77.0.1-10.77.0.5 "
                    : "-m length --length 40:100 ", "-m comment --comment \"drop all of it\" ",
                $"-p tcp -m set --match-set {(v4 ? "spans" : "six6")} src,dst ",
                "-m comment --comment \"say \\\"-j DROP\\\" to Grüße\" ",
                $"-p tcp -m tcp --dport 22 -m set --match-set {(v4 ? "seen" : "six")} src ");
            string rate = random.Next(20) > 0 ? string.Empty : random.Pick(
                "-m limit --limit 5/min ", "-m connlimit --connlimit-above 100 --connlimit-mask 32 --connlimit-saddr ",
                "-m recent --rcheck --seconds 60 --name bad --rsource ",
                "-m hashlimit --hashlimit-upto 5/min --hashlimit-mode srcip --hashlimit-name few ",
                "-m u32 --u32 \"0>>22&0x3C@0>>16=55000:65535\" ", "-m length --length 0:50 ",
                "-m recent --set --name bad --rsource ", "-m time --timestart 00:00:00 --timestop 12:00:00 ",
                "-m connbytes --connbytes 100 --connbytes-mode bytes --connbytes-dir both ",
                "-m string --string x --algo bm --to 65535 ", "-m cpu --cpu 0 ", "-m quota --quota 1000000 ",
                "-m statistic --mode random --probability 0.5 ");
            string target = random.Pick(targets.AsSpan());
            if (target is "side" or "deep" && random.Next(4) == 0)
            {
                text.Append($"-A {chain} {from}{link}{match}{rate}-g {target}\n");
                continue;
            }

            if (target.StartsWith("CT", StringComparison.Ordinal)
                && match.Contains("conntrack", StringComparison.Ordinal))
            {
                match = string.Empty;
            }

            if (chain == "PREROUTING" && match.Contains("conntrack", StringComparison.Ordinal))
            {
                match = "-p tcp ";
            }

            text.Append($"-A {chain} {from}{link}{match}{rate}-j {target}\n");
        }
    }
}
