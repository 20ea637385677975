using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Trials;

namespace ScanEngineAdmin.Firewall.Applying;

/// <content>
/// What other managers of the host have to have for the same plan: written after this one's rules, proved and undone
/// together with them.
/// </content>
internal sealed partial class ApplyRun
{
    private IReadOnlyList<InstalledFirewallRule> _before = [];
    private IReadOnlyList<InstalledFirewallRule> _now = [];
    private FirewallRule[] _opening = [];
    private InstalledFirewallRule[] _closing = [];

    private IEnumerable<ApplyRun> Beside => beside ?? [];

    private bool IsOpenedBeside(FirewallRule rule) =>
        Beside.Any(other => other._opening.Any(o => o.RuleId == rule.RuleId));

    private bool IsNeededBeside(FirewallRule rule) => Beside.Any(other => !other.IsOpenWithout(rule));

    private async Task LookBesideAsync(
        Dictionary<string, FirewallPending> waiting, CancellationToken cancellationToken)
    {
        foreach (ApplyRun other in Beside)
        {
            other._now = other._before = await other.ReadAsync(cancellationToken).ConfigureAwait(false);
            FirewallRule[] free = [.. other._adds.Where(r => !waiting.ContainsKey(r.RuleId))];
            other._opening = [.. free.Where(r => !other.IsOpenWithout(r))
                .Select(r => other.Match(r, other._before).Missing).OfType<FirewallRule>()];
            other._closing = [.. plan.DryRun ? [] : free.SelectMany(r => other.Stale(r, other._before)).Distinct()];
        }
    }

    /// <summary>
    /// What has lost its effect is written anew by every manager that has it: any of them may be the one that denies.
    /// </summary>
    private void RenewBeside()
    {
        foreach (ApplyRun other in Beside)
        {
            FirewallRule[] anew = [.. other._adds.Where(r => _idle.Contains(r.RuleId) && !other.IsOpenWithout(r))];
            other._idle = [.. anew.Select(static r => r.RuleId)];
            other._opening = [.. other._opening.Where(o => !other._idle.Contains(o.RuleId)), .. anew];
            other._closing = [.. other._closing
                .Concat(other._before.Where(b => b.RuleId is { } tag && other._idle.Contains(tag))).Distinct()];
        }
    }

    /// <summary>Whether any manager has something of the rule.</summary>
    private bool IsThere(FirewallRule rule, IReadOnlyList<InstalledFirewallRule> before) =>
        !RuleMatch.ByEffect(Provider) && before.Concat(Beside.SelectMany(static other => other._before))
            .Any(b => b.RuleId == rule.RuleId);

    /// <summary>Until when all of it is on trial, and the rules that could not be written.</summary>
    private async Task<(DateTimeOffset? At, FirewallRule[] Failed)> OpenBesideAsync(
        DateTimeOffset? at, TimeSpan? rollbackAfter, CancellationToken cancellationToken)
    {
        foreach (ApplyRun other in Beside)
        {
            if (rollbackAfter is { } after && (other._opening.Length > 0 || other._closing.Length > 0))
            {
                DateTimeOffset armed = await other.ArmAsync(
                    other._opening, other._closing, other._before, after, cancellationToken).ConfigureAwait(false);
                at ??= armed;
            }

            other._now = await other.OpenAsync(
                other._opening, other._before, at is null ? null : rollbackAfter, cancellationToken)
                .ConfigureAwait(false);
            FirewallRule[] failed = [.. other._opening.Where(r => !other.IsOpen(r, other._now, at is not null))];
            if (failed.Length > 0)
            {
                _said = other._said;
                return (at, failed);
            }
        }

        return (at, []);
    }

    private async Task UndoBesideAsync(CancellationToken cancellationToken)
    {
        foreach (ApplyRun other in Beside)
        {
            await other.UndoAsync(other._opening, other._before, other._now, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task CloseBesideAsync(CancellationToken cancellationToken)
    {
        foreach (ApplyRun other in Beside)
        {
            InstalledFirewallRule[] old = [.. other._closing.Where(r => !other.IsRenewed(r))];
            other._now = await other.CloseAsync(old, other._now, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>What other managers have of a rule by this application.</summary>
    private string FoundBeside(FirewallRule rule) => string.Join("; ", Beside
        .Where(other => other._opening.Any(o => o.RuleId == rule.RuleId))
        .SelectMany(other => other.Match(rule, [.. other._now.Select(static n => n with { Persistent = null })]).Right)
        .Select(static r => r.Text));
}
