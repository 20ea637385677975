using System.Globalization;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Trials;

namespace ScanEngineAdmin.Firewall.Applying;

/// <summary>
/// The list of what this product added to a firewall that keeps no tags: without it an admin's own rule of the same
/// effect could not be distinguished from ours, and a rule whose peer has moved would not be found.
/// </summary>
internal sealed class AddedRules(string folder)
{
    private const string AnyPeer = "*";
    private readonly string _path = Path.Combine(folder, "firewalld.rules");

    /// <param name="rules">What is there.</param>
    /// <param name="defaultZone">Where what comes in was let in when no zone was named.</param>
    public IReadOnlyList<InstalledFirewallRule> Label(IEnumerable<InstalledFirewallRule> rules, string defaultZone)
    {
        Dictionary<(string What, string Zone), string> ids = [];
        foreach (string[] words in Lines().Select(static l => l.Split(' ')).Where(w => FirewallRuleId.IsValid(w[0])))
        {
            ids[(string.Join(' ', words[1..5]), words.ElementAtOrDefault(5) ?? string.Empty)] = words[0];
        }

        return [.. rules.Select(r => What(r) is { } what
            && (ids.TryGetValue((what, r.Chain), out string? id)
                || ((r.Flow == RuleFlow.Out || r.Chain == defaultZone)
                    && ids.TryGetValue((what, string.Empty), out id))) ? r with { RuleId = id } : r)];
    }

    public IEnumerable<int> Ports() => Lines().Select(static l => l.Split(' ')[3])
        .Select(static p => int.TryParse(p, NumberStyles.None, CultureInfo.InvariantCulture, out int port) ? port : 0)
        .Distinct();

    /// <summary>Each entry as a rule.</summary>
    public IReadOnlyList<FirewallRule> Rules() => [.. Lines().Select(static l => l.Split(' ')).Select(static words =>
        FirewallRuleId.IsValid(words[0]) && Enum.TryParse(words[1], out RuleFlow flow)
        && Enum.TryParse(words[2], out RuleFamily family)
        && int.TryParse(words[3], NumberStyles.None, CultureInfo.InvariantCulture, out int port)
            ? RuleText.Of(new InstalledFirewallRule
            {
                RuleId = words[0],
                Provider = FirewallProvider.Firewalld,
                Flow = flow,
                Family = family,
                Port = port,
                RemoteAddress = words[4] == AnyPeer ? [] : [words[4]],
                Action = InstalledAction.Allow,
                Text = string.Empty,
            })
            : null).OfType<FirewallRule>()];

    /// <param name="rule">What is added.</param>
    /// <param name="places">The zones of its peers, where they are known.</param>
    /// <returns>The entries that were not there before.</returns>
    public IReadOnlyList<string> Add(FirewallRule rule, RulePlaces? places)
    {
        string[] before = Lines();
        string[] fresh = [.. Entries(rule, places).Except(before)];
        Write(before.Concat(fresh));
        return fresh;
    }

    /// <summary>Takes back entries of what was not written.</summary>
    public void TakeBack(IEnumerable<string> entries) => Write(Lines().Except(entries));

    /// <summary>
    /// Forgets what is not there: a trial added it and was undone by a process that knows of no entries. An admin's own
    /// rule of the same effect, made later, would be taken for ours.
    /// </summary>
    /// <param name="there">What is there.</param>
    /// <param name="waiting">The ids of the rules that are on trial.</param>
    public void Forget(IReadOnlyList<InstalledFirewallRule> there, IReadOnlyCollection<string> waiting)
    {
        string[] before = Lines();
        string[] after = [.. before.Where(line => line.Split(' ') is var words && (waiting.Contains(words[0])
            || there.Any(r => !r.Foreign && What(r) == string.Join(' ', words[1..5])
                && (words.Length == 5 || words[5] == r.Chain))))];
        if (after.Length < before.Length)
        {
            Write(after);
        }
    }

    /// <param name="gone">What is gone.</param>
    /// <param name="still">What is still there.</param>
    public void Remove(InstalledFirewallRule gone, IReadOnlyList<InstalledFirewallRule> still)
    {
        if (What(gone) is not { } what)
        {
            return;
        }

        // An entry without a zone is for the default one, or for all policies: it stays while one of them has the rule.
        bool last = !gone.IsElsewhere && !still.Any(s => !s.Foreign && !s.IsElsewhere && What(s) == what);
        Write(Lines().Where(line => line.Split(' ') is var words && !(string.Join(' ', words[1..5]) == what
            && (words.Length == 5 ? last : words[5] == gone.Chain))));
    }

    /// <summary>The effect of each of a rule's peers, as a line has it.</summary>
    internal static IEnumerable<(string Address, string What)> Effects(FirewallRule rule)
    {
        _ = RuleText.Id(rule);
        return RuleText.Addresses(rule).DefaultIfEmpty(string.Empty).Select(
            a => (a, What(rule.Flow, rule.AddressFamily, rule.LocalPort, a.Length == 0 ? AnyPeer : a)));
    }

    /// <summary>The effect of a rule that was found; null if it is not one that this product writes.</summary>
    internal static string? What(InstalledFirewallRule rule) =>
        rule is { IsDefault: false, Port: { } port, Family: { } family, Action: InstalledAction.Allow }
            ? What(rule.Flow, family, port, rule.RemoteAddress is [var one] ? one : AnyPeer)
            : null;

    private static IEnumerable<string> Entries(FirewallRule rule, RulePlaces? places) => Effects(rule).SelectMany(
        entry => places?.Of(rule.RuleId, entry.Address) is { Count: > 0 } zones
            ? zones.Select(zone => $"{rule.RuleId} {entry.What} {RuleText.Identifier(zone)}")
            : [$"{rule.RuleId} {entry.What}"]);

    private static string What(RuleFlow flow, RuleFamily family, int port, string peer) =>
        string.Create(CultureInfo.InvariantCulture, $"{flow} {family} {port} {peer}");

    private string[] Lines() => OwnFile.Exists(_path)
        ? [.. OwnFile.ReadText(_path).Split('\n').Where(static l => l.Split(' ').Length is 5 or 6)]
        : [];

    private void Write(IEnumerable<string> lines) =>
        StateFiles.Write(_path, string.Concat(lines.Select(static l => l + "\n")));
}
