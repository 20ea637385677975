using System.Text;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Scanning.Plan;

namespace ScanEngineAdmin.Core.Console;

/// <summary>
/// Holds what an engine sends to what the scan asked for. A paired engine may lie about what it found; it must not fill
/// the store with findings of targets and ports that nobody asked about, nor write on an admin's terminal.
/// </summary>
internal sealed class BatchCheck(ConsoleContext node, Guid pairingId)
{
    // Plans are kept for as many scans as an engine runs at once; a large list is not parsed for every batch.
    private readonly Dictionary<Guid, ScanPlan> _plans = [];

    /// <summary>What is wrong with it; null if nothing, or if there is no such scan (storing it will say so).</summary>
    public string? Flaw(Guid scanId, ScanBatch batch)
    {
        if (Plan(scanId) is not { } plan)
        {
            return null;
        }

        if (batch.Cursor > plan.Units || batch.TargetsTotal > plan.Targets.Count)
        {
            return $"it claims {batch.Cursor} attempts on {batch.TargetsTotal} targets "
                + $"of {plan.Units} on {plan.Targets.Count}";
        }

        long at = -1;
        string target = string.Empty;
        foreach (Finding finding in batch.Findings)
        {
            if (finding.Unit < 0 || finding.Unit >= plan.Units)
            {
                return $"attempt {finding.Unit} is none of its {plan.Units}";
            }

            long index = finding.Unit / plan.Ports.Count;
            if (index != at)
            {
                (at, target) = (index, plan.Targets[index]);
            }

            if (finding.Target != target || finding.Port != plan.Ports[(int)(finding.Unit % plan.Ports.Count)])
            {
                return $"attempt {finding.Unit} is {target}, port {plan.Ports[(int)(finding.Unit % plan.Ports.Count)]}";
            }

            if (finding.Resolved is not null && index < plan.Targets.AddressCount)
            {
                return $"attempt {finding.Unit} is an address, and has another one";
            }

            if (Excess(finding) is { } excess)
            {
                return $"attempt {finding.Unit}, {finding.State}, has {excess}";
            }
        }

        return null;
    }

    /// <summary>What a port in that state cannot have said: no engine stores texts where there are none.</summary>
    private static string? Excess(Finding finding) => finding switch
    {
        { State: not PortState.Open, Banner: not null } => "a banner",
        { State: PortState.Filtered, RoundTrip: not null } => "a round trip",
        { RoundTrip: { } time } when time < TimeSpan.Zero || time > ScanLimits.MaxTimeout => "an impossible round trip",
        { Banner: { } banner } when Encoding.UTF8.GetByteCount(banner) > ScanLimits.MaxBannerBytes =>
            "more than a banner",
        _ => null,
    };

    /// <summary>The same, fit to be shown.</summary>
    public static ScanBatch Shown(ScanBatch batch)
    {
        string detail = PeerText.Line(batch.Detail, ScanLimits.MaxDetailBytes);
        bool sound = batch.Findings.All(finding =>
            finding.Banner is null || PeerText.IsLine(finding.Banner, ScanLimits.MaxBannerBytes));
        return sound && detail == batch.Detail ? batch : batch with
        {
            Detail = detail,
            Findings = batch.Findings.Select(finding => finding with
            {
                Banner = finding.Banner is null ? null : PeerText.Line(finding.Banner, ScanLimits.MaxBannerBytes),
            }).ToList(),
        };
    }

    public void Forget(Guid scanId) => _plans.Remove(scanId);

    private ScanPlan? Plan(Guid scanId)
    {
        if (_plans.TryGetValue(scanId, out ScanPlan? known))
        {
            return known;
        }

        if (node.Store.GetScan(scanId) is not { IsFinished: false } scan || scan.PairingId != pairingId)
        {
            return null;
        }

        if (_plans.Count >= 2 * node.Options.MaxScansPerEngine)
        {
            _plans.Clear();
        }

        return _plans[scanId] = ScanPlan.Create(scan.Request);
    }
}
