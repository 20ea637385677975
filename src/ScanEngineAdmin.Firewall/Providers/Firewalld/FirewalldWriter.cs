using System.Globalization;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Firewall.Providers.Firewalld;

/// <summary>
/// firewalld: rich rules in the zone that the peer comes to, or in the default zone where that was not tried; in force
/// at once and kept. They carry no comment: the effect is the key.
/// Outgoing connections are not a zone's business: they are rich rules of the policies that deny them, because an
/// accept elsewhere does not count there; where no policy does, or direct rules deny as well, direct rules.
/// </summary>
internal sealed class FirewalldWriter(IReadOnlyList<string> policies, RulePlaces? places = null) : IFirewallWriter
{
    /// <summary>Before a policy's name, where a rule that was found says which chain it is in.</summary>
    public const string Policy = "policy ";

    /// <summary>Among policies, and no name of one: the direct rules, which deny as well.</summary>
    public const string Direct = "--direct";

    private const string Tool = "firewall-cmd";

    public FirewallProvider Provider => FirewallProvider.Firewalld;

    public bool KnowsRulesByEffect => true;

    public string Open(FirewallRule rule, string engineName) => Lines(rule, "add");

    public string Close(FirewallRule rule) => Lines(rule, "remove");

    public IReadOnlyList<ToolCall> OpenCalls(FirewallRule rule, string engineName) => Both(rule, "add");

    public IReadOnlyList<ToolCall> CloseCalls(InstalledFirewallRule installed)
    {
        // Where it was found, and not where it would be written now.
        FirewallRule rule = RuleText.Of(installed);
        return installed.Chain.Length == 0 ? Both(rule, "remove")
            : new FirewalldWriter(
                installed.Chain.StartsWith(Policy, StringComparison.Ordinal) ? [installed.Chain[Policy.Length..]] : [],
                Found(installed, rule)).Both(rule, "remove");
    }

    /// <summary>
    /// In force now and not kept. firewalld itself takes a rich rule away after the time; a direct rule it does not.
    /// </summary>
    public IReadOnlyList<ToolCall> TrialCalls(FirewallRule rule, TimeSpan time)
    {
        string seconds = Math.Ceiling(time.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        return [.. Options(rule, "add").Select(option => new ToolCall(
            Tool, option[0] == "--direct" ? option : [.. option, $"--timeout={seconds}s"]))];
    }

    /// <summary>
    /// Keeps what was on trial. A rule's time cannot be removed, so the rule is set again: what has a connection
    /// does not notice, and what just makes one tries again.
    /// </summary>
    public IReadOnlyList<ToolCall> KeepCalls(FirewallRule rule) => [.. Options(rule, "add")
        .Zip(Options(rule, "remove"))
        .SelectMany(static both => new ToolCall[]
        {
            new(Tool, ["--permanent", .. both.First]), new(Tool, both.Second), new(Tool, both.First),
        })];

    /// <summary>Takes away what was on trial and firewalld would not take away by itself.</summary>
    public IReadOnlyList<ToolCall> EndTrialCalls(FirewallRule rule) =>
        [.. Options(rule, "remove").Select(static option => new ToolCall(Tool, option))];

    private string Lines(FirewallRule rule, string verb) => string.Join("; ", Both(rule, verb)
        .Chunk(2).Select(static both => $"{both[0]} && {both[1]}"));

    private ToolCall[] Both(FirewallRule rule, string verb) => [.. Options(rule, verb).SelectMany(
        static option => new ToolCall[] { new(Tool, option), new(Tool, ["--permanent", .. option]) })];

    private IEnumerable<IReadOnlyList<string>> Options(FirewallRule rule, string verb)
    {
        // A tag is checked although none is written: a rule without a valid id is not one of ours.
        _ = RuleText.Id(rule);
        IReadOnlyList<string> addresses = RuleText.Addresses(rule);
        return (addresses.Count == 0 ? [string.Empty] : addresses).SelectMany(
            a => rule.Flow == RuleFlow.In ? InZones(rule, verb, a)
                : policies.Count == 0 ? [OutDirect(rule, verb, a)]
                : policies.Select(
                    policy => policy == Direct ? OutDirect(rule, verb, a) : InPolicy(rule, verb, a, policy)));
    }

    private IEnumerable<IReadOnlyList<string>> InZones(FirewallRule rule, string verb, string address)
    {
        string rich = RichRule(rule, verb, "source", address);
        return places?.Of(rule.RuleId, address) is { Count: > 0 } zones
            ? zones.Select<string, IReadOnlyList<string>>(zone => [$"--zone={RuleText.Identifier(zone)}", rich])
            : [[rich]];
    }

    private static RulePlaces Found(InstalledFirewallRule installed, FirewallRule rule)
    {
        var found = new RulePlaces();
        foreach (string address in RuleText.Addresses(rule).DefaultIfEmpty(string.Empty))
        {
            found.Add(rule.RuleId, address, installed.Chain);
        }

        return found;
    }

    private static IReadOnlyList<string> InPolicy(FirewallRule rule, string verb, string address, string policy) => [
        $"--policy={RuleText.Identifier(policy)}", RichRule(rule, verb, "destination", address)];

    private static IReadOnlyList<string> OutDirect(FirewallRule rule, string verb, string address)
    {
        string[] peer = address.Length == 0 ? [] : ["-d", address];
        return [
            "--direct", $"--{verb}-rule", rule.AddressFamily == RuleFamily.IPv4 ? "ipv4" : "ipv6", "filter", "OUTPUT",
            "0", .. peer, "-p", "tcp", "--dport", RuleText.Port(rule), "-j", "ACCEPT"];
    }

    private static string RichRule(FirewallRule rule, string verb, string end, string address)
    {
        bool v4 = rule.AddressFamily == RuleFamily.IPv4;
        string block = address.Contains('/', StringComparison.Ordinal) ? address : $"{address}/{(v4 ? 32 : 128)}";
        string peer = address.Length == 0 ? string.Empty : $" {end} address=\"{block}\"";
        return $"--{verb}-rich-rule=rule family=\"{(v4 ? "ipv4" : "ipv6")}\"{peer} "
            + $"port port=\"{RuleText.Port(rule)}\" protocol=\"tcp\" accept";
    }
}
