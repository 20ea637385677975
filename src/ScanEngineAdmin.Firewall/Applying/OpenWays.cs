using ScanEngineAdmin.Firewall.Providers;
using ScanEngineAdmin.Firewall.Rehearsal;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Firewall.Applying;

/// <summary>Asks the kernel about the ways that have no rule: one that is open all the same lacks none.</summary>
internal static class OpenWays
{
    /// <param name="host">The host.</param>
    /// <param name="rows">From <see cref="FirewallDrift.Compare"/>.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<IReadOnlyList<FirewallDriftRow>> JudgeAsync(
        HostTools host, IReadOnlyList<FirewallDriftRow> rows, CancellationToken cancellationToken)
    {
        FirewallRule[] missing = [.. rows.Where(IsMissing).Select(static row => row.Wanted!)];
        if (missing.Length == 0 || host.Windows)
        {
            return rows;
        }

        var open = new Dictionary<string, string>(StringComparer.Ordinal);
        try
        {
            FilterRehearsal rehearsal = await WayRehearsal.OpenAsync(host, missing, cancellationToken)
                .ConfigureAwait(false);
            await using (rehearsal.ConfigureAwait(false))
            {
                foreach (FirewallRule rule in missing)
                {
                    RehearsalAnswer answer = await WayRehearsal.AskAsync(rehearsal, rule, cancellationToken)
                        .ConfigureAwait(false);
                    if (answer.Verdict == RehearsalVerdict.Open)
                    {
                        open[rule.RuleId] = answer.Reason;
                    }
                }
            }
        }
        catch (RehearsalException)
        {
            // It stays missing, as far as is known.
            return rows;
        }

        return [.. rows.Select(row => IsMissing(row) && open.TryGetValue(row.RuleId, out string? why)
            ? row with { SideIndicator = "==", Detail = $"Open, without a rule of this product: {why}" }
            : row)];
    }

    // What is there by half is open now, and not after the next reload.
    private static bool IsMissing(FirewallDriftRow row) =>
        row is { SideIndicator: "<=", Wanted: not null, Installed: null };
}
