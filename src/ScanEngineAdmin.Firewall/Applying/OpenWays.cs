using ScanEngineAdmin.Firewall.Providers;
using ScanEngineAdmin.Firewall.Rehearsal;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Firewall.Applying;

/// <summary>Asks the kernel about the ways that have no rule: one that is open all the same lacks none.</summary>
internal static class OpenWays
{
    /// <param name="host">The host.</param>
    /// <param name="rows">From <see cref="FirewallDrift.Compare"/>, with the ways out whether or not they need a rule.</param>
    /// <param name="deniesOutbound">Whether ways out need a rule, asked where the kernel does not say.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<IReadOnlyList<FirewallDriftRow>> JudgeAsync(
        HostTools host, IReadOnlyList<FirewallDriftRow> rows, Func<Task<bool>> deniesOutbound,
        CancellationToken cancellationToken)
    {
        FirewallRule[] missing = [.. rows.Where(IsMissing).Select(static row => row.Wanted!)];
        IReadOnlyDictionary<string, RehearsalAnswer> answers = new Dictionary<string, RehearsalAnswer>();
        if (missing.Length > 0 && !host.Windows)
        {
            try
            {
                answers = await WayRehearsal.AskAllAsync(host, missing, cancellationToken).ConfigureAwait(false);
            }
            catch (RehearsalException)
            {
                // What is missing stays so, as far as is known.
            }
        }

        bool? denies = null;
        var judged = new List<FirewallDriftRow>();
        foreach (FirewallDriftRow row in rows)
        {
            RehearsalAnswer? answer = IsMissing(row) ? answers.GetValueOrDefault(row.RuleId) : null;
            bool open = answer?.Verdict == RehearsalVerdict.Open;
            if (!IsMissing(row) || row.Wanted!.Flow == RuleFlow.In)
            {
                judged.Add(!open ? row : row with
                {
                    SideIndicator = "==",
                    Detail = $"Open, without a rule of this product: {answer!.Reason}",
                });
            }
            else if (answer?.IsDenied == true
                || (!open && (denies ??= await deniesOutbound().ConfigureAwait(false))))
            {
                judged.Add(row);
            }
        }

        return judged;
    }

    // What is there by half is open now, and not after the next reload.
    private static bool IsMissing(FirewallDriftRow row) =>
        row is { SideIndicator: "<=", Wanted: not null, Installed: null };
}
