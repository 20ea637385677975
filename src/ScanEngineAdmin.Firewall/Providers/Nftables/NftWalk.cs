using System.Net;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Firewall.Providers.Nftables;

/// <summary>
/// Follows the first packet of a connection through the chains of one hook, as the kernel does: from the first rule to
/// the policy. It says nothing where a rule that would matter is not understood.
/// </summary>
internal static class NftWalk
{
    private const string Advice =
        "Let it through: Set-ScanEngineCommunication -Name <engine> -Direction <its direction> -WhatIf shows this "
        + "host's rule with the command that adds it.";

    /// <summary>Result, evidence and recommendation; null where it cannot be followed.</summary>
    public static (FirewallTestOutcome Result, string Evidence, string Recommendation)? Judge(
        IReadOnlyList<NftChain> chains, RuleFlow flow, IPAddress peer, int port)
    {
        IPAddress address = peer.IsIPv4MappedToIPv6 ? peer.MapToIPv4() : peer;
        var packet = new NftPacket(flow, address, port);
        string other = address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? "ip6" : "ip";
        var seen = new List<string>();
        bool sure = true;
        foreach (NftChain chain in chains
            .Where(c => c.Family == "inet" || (c.Family is "ip" or "ip6" && c.Family != other)))
        {
            (bool? passes, string why) = Walk(chain, packet);
            string name = $"{chain.Family} {chain.Table} {chain.Name}";
            if (passes == false)
            {
                return (
                    FirewallTestOutcome.Failed,
                    FormattableString.Invariant($"{name} denies TCP {port} {Side(flow)} {address}: {why}."), Advice);
            }

            sure &= passes == true;
            seen.Add($"{name}: {why}");
        }

        return !sure ? null : (
            FirewallTestOutcome.Passed,
            seen.Count == 0
                ? "No chain of this host concerns it."
                : FormattableString.Invariant($"TCP {port} {Side(flow)} {address} passes. ")
                    + string.Join("; ", seen) + ".",
            string.Empty);
    }

    private static string Side(RuleFlow flow) => flow == RuleFlow.In ? "from" : "to";

    private static (bool? Passes, string Why) Walk(NftChain chain, NftPacket packet)
    {
        // Verdicts of rules that may or may not match: whatever comes after them is certain only if it is the same.
        bool mayPass = false;
        bool mayFail = false;
        foreach (string rule in chain.Rules)
        {
            (bool? matches, bool? accepts) = Read(rule, packet);
            if (matches == false || (accepts is null && matches == true && IsRemark(rule)))
            {
                continue;
            }

            if (matches == true && accepts is { } verdict)
            {
                return Certain(verdict, $"rule '{rule}'");
            }

            mayPass |= accepts != false;
            mayFail |= accepts != true;
        }

        return Certain(!chain.DropsByDefault, chain.DropsByDefault
            ? "it drops by default and no rule lets it through"
            : "it accepts by default and no rule denies it");

        (bool? Passes, string Why) Certain(bool passes, string why) =>
            (passes ? mayFail : mayPass) ? (null, "not all rules are understood") : (passes, why);
    }

    // Counts or logs and goes on.
    private static bool IsRemark(string rule) => !NftChain.HasWord(rule, "jump") && !NftChain.HasWord(rule, "goto")
        && !NftChain.HasWord(rule, "return") && !NftChain.HasWord(rule, "vmap") && !NftChain.HasWord(rule, "queue");

    /// <summary>
    /// Whether the rule matches, and whether it accepts; null where that is not known or it does neither.
    /// </summary>
    private static (bool? Matches, bool? Accepts) Read(string rule, NftPacket packet)
    {
        ReadOnlySpan<string> words = Words(rule);
        bool? matches = true;
        while (!words.IsEmpty)
        {
            switch (words[0])
            {
                case "accept":
                    return (matches, true);
                case "drop" or "reject":
                    return (matches, false);
            }

            (bool? holds, int taken) = packet.Match(words);
            if (holds == false)
            {
                return (false, null);
            }

            matches = holds is null ? null : matches;
            words = words[Math.Max(1, Math.Min(taken, words.Length))..];
        }

        return (matches, null);
    }

    // A text in quotes may contain any word, so it is one of its own.
    private static string[] Words(string rule)
    {
        var words = new List<string>();
        string[] parts = rule.Split('"');
        for (int i = 0; i < parts.Length; i++)
        {
            words.AddRange(i % 2 == 0
                ? parts[i].Split(' ', StringSplitOptions.RemoveEmptyEntries)
                : [$"\"{parts[i]}\""]);
        }

        return [.. words];
    }
}
