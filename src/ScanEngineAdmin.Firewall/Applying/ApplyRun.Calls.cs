using System.Globalization;
using ScanEngineAdmin.Firewall.Providers.Firewalld;
using ScanEngineAdmin.Firewall.Providers.Iptables;
using ScanEngineAdmin.Firewall.Providers.Nftables;
using ScanEngineAdmin.Firewall.Providers.Ufw;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Tools;
using ScanEngineAdmin.Firewall.Trials;

namespace ScanEngineAdmin.Firewall.Applying;

/// <content>The calls of the manager's tool, and their run.</content>
internal sealed partial class ApplyRun
{
    private IEnumerable<ToolCall> OpenCalls(
        FirewallRule rule, TimeSpan? trial, IReadOnlyList<InstalledFirewallRule> there)
    {
        if (writer is IptablesWriter iptables)
        {
            return !_idle.Contains(rule.RuleId) ? Lacking(iptables, "-I", rule, there)
                : iptables.Backends(rule).Select(
                    backend => IptablesWriter.Renew(rule, In(backend, rule, there), backend));
        }

        if (writer is UfwWriter ufw && _idle.Contains(rule.RuleId))
        {
            // ufw leaves a rule where it is that it has already.
            return [.. UfwWriter.Deletes(rule), .. ufw.OpenCalls(rule, plan.EngineName)];
        }

        if (writer is not FirewalldWriter firewalld)
        {
            return writer.OpenCalls(rule, plan.EngineName);
        }

        // A rule that is taken over has the time of its trial in firewalld itself: the rule is set again.
        IEnumerable<ToolCall> rest = _shared.Rest(rule) is not { } fresh ? []
            : trial is { } time ? firewalld.TrialCalls(fresh, time) : writer.OpenCalls(fresh, plan.EngineName);
        return rest.Concat(_shared.Part(rule).SelectMany(r => trial is { } longer
            ? [.. firewalld.EndTrialCalls(r), .. firewalld.TrialCalls(r, longer)]
            : firewalld.KeepCalls(r)));
    }

    private IReadOnlyList<ToolCall> KeepCalls(FirewallRule rule) =>
        writer is FirewalldWriter firewalld ? firewalld.KeepCalls(rule) : [];

    private IReadOnlyList<ToolCall> UndoOpen(FirewallRule rule, IReadOnlyList<InstalledFirewallRule> before)
    {
        if (writer is NftablesWriter nft)
        {
            // nft deletes by handle, and there is none before the rule is there.
            return [.. nft.Chains(rule).Select(chain => new ToolCall(
                UndoScript.Untag,
                [
                    .. chain.Split(' '), RuleText.Tag(rule),
                    .. before.Where(b => b.RuleId == rule.RuleId && b.Chain == chain)
                        .Select(static b => b.Handle.ToString(CultureInfo.InvariantCulture)),
                ]))];
        }

        if (Provider == FirewallProvider.NetSecurity && before.FirstOrDefault(b => b.RuleId == rule.RuleId) is { } was)
        {
            // Changed where it is, it is changed back.
            return writer.OpenCalls(RuleText.Of(was), plan.EngineName);
        }

        return writer is FirewalldWriter firewalld ? firewalld.EndTrialCalls(rule)
            : writer is IptablesWriter iptables ? [.. Lacking(iptables, "-D", rule, before)]
            : writer.CloseCalls(new InstalledFirewallRule
            {
                RuleId = rule.RuleId,
                Provider = Provider,
                Flow = rule.Flow,
                Port = rule.LocalPort,
                RemoteAddress = rule.RemoteAddress,
                Family = rule.AddressFamily,
                Action = InstalledAction.Allow,
                Text = string.Empty,
            });
    }

    /// <summary>What has no effect where it is, and is taken away by the transaction that sets it anew.</summary>
    private bool IsRenewed(InstalledFirewallRule rule) => writer is IptablesWriter iptables && rule.RuleId is { } tag
        && _idle.Contains(tag) && _adds.Any(a => a.RuleId == tag && iptables.Backends(a).Contains(rule.Backend));

    /// <summary>All of one tool in one go: each has a place among the others.</summary>
    private IEnumerable<ToolCall> PutBack(
        IEnumerable<FirewallRule> rules, IReadOnlyList<InstalledFirewallRule> before,
        IReadOnlyList<InstalledFirewallRule> now) => writer is not IptablesWriter iptables ? []
        : rules.Where(r => _idle.Contains(r.RuleId))
            .SelectMany(iptables.Backends, static (rule, backend) => (rule, backend))
            .GroupBy(static one => (one.rule.AddressFamily, one.backend), static one => one.rule)
            .Select(same => IptablesWriter.PutBack(
                same.Key.AddressFamily, same.SelectMany(r => In(same.Key.backend, r, now)),
                same.SelectMany(r => In(same.Key.backend, r, before)), same.Key.backend));

    private static IEnumerable<InstalledFirewallRule> In(
        string backend, FirewallRule rule, IReadOnlyList<InstalledFirewallRule> there) =>
        there.Where(t => t.RuleId == rule.RuleId && t.Backend == backend);

    // The kernel asks every backend: one may have what another lacks. What has no effect where it is comes anew.
    private IEnumerable<ToolCall> Lacking(
        IptablesWriter iptables, string verb, FirewallRule rule, IReadOnlyList<InstalledFirewallRule> there) =>
        iptables.Backends(rule).SelectMany(backend => (_idle.Contains(rule.RuleId) ? rule : RuleMatch.Of(
                rule, [.. there.Where(t => t.Backend == backend)], Provider).Missing) is { } missing
            ? IptablesWriter.Calls(verb, missing, backend) : []);

    /// <summary>How many rules are set at the head of such a rule's chain: its backend's alone.</summary>
    private int NewAbove(
        InstalledFirewallRule rule, FirewallRule[] toOpen, IReadOnlyList<InstalledFirewallRule> there) =>
        writer is not IptablesWriter iptables ? 0 : toOpen
            .Where(o => o.AddressFamily == rule.Family && IptablesWriter.Chain(o) == rule.Chain)
            .SelectMany(o => Lacking(iptables, "-I", o, there))
            .Count(call => call.Tool == IptablesWriter.Tool(rule.Family ?? RuleFamily.IPv4, rule.Backend));

    private async Task RunAsync(IEnumerable<ToolCall> calls, CancellationToken cancellationToken)
    {
        foreach (ToolCall call in JoinedCalls.Of(calls))
        {
            ToolResult result = await host.Run(call, cancellationToken).ConfigureAwait(false);
            if (!result.Succeeded)
            {
                _said = $"{call.Tool} ended with {result.ExitCode}: {FirewallFaults.Said(result)}";
            }
        }
    }
}
