using System.Net;
using ScanEngineAdmin.Scanning.Targets;

namespace ScanEngineAdmin.Scanning.Plan;

/// <summary>The addresses of a scan's targets in one run, without those that are passed over.</summary>
/// <param name="targets">The targets.</param>
/// <param name="named">Those of the host names, in their order.</param>
/// <param name="skipped">What is passed over.</param>
/// <param name="detail">What to say about names without an address and about what is passed over.</param>
internal sealed class ScanAddresses(
    TargetList targets, IReadOnlyList<IPAddress?> named, SkippedTargets skipped, string detail)
{
    public string Detail => detail;

    /// <summary>Whether a target of that number or one behind it may have no address.</summary>
    public bool MayLack(long target) => skipped.Any || target >= targets.AddressCount;

    /// <summary>Null for a target that is passed over.</summary>
    public IPAddress? this[long target]
    {
        get
        {
            long name = target - targets.AddressCount;
            IPAddress? address = name >= 0 ? named[(int)name] : targets.AddressAt(target);
            return name < 0 && skipped.Contains(address!) ? null : address;
        }
    }

    /// <summary>The address of a host name as findings say it; null where the target is an address.</summary>
    public string? Resolved(long target) =>
        target >= targets.AddressCount ? named[(int)(target - targets.AddressCount)]?.ToString() : null;

    /// <summary>
    /// What every scanner begins with: holds the targets to the policy, then looks host names up and holds those to it.
    /// </summary>
    /// <param name="plan">What to scan.</param>
    /// <param name="cursor">Where the scan goes on.</param>
    /// <param name="guard">The policy.</param>
    /// <param name="names">Looks names up.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="Domain.Faults.ScanEngineException">ScanRefused.</exception>
    public static async Task<ScanAddresses> ResolveAsync(
        ScanPlan plan, long cursor, TargetPolicyGuard guard, NameResolution names, CancellationToken stop)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(cursor);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(cursor, plan.Units);
        guard.Check(plan.Targets);
        var skipped = new SkippedTargets(plan.Targets, guard.Forbidden);
        try
        {
            AddressSet excluded = await names.ExcludedAsync(plan.Exclusions.Names, stop).ConfigureAwait(false);
            skipped.Exclude(excluded);
            (IPAddress?[] named, string detail) = await names.ResolveAsync(
                plan.Targets.Names, plan.Exclusions.Addresses.With(excluded), stop).ConfigureAwait(false);
            return new ScanAddresses(plan.Targets, named, skipped, skipped.Detail(detail));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Nothing is asked: the run ends before its first probe.
            return new ScanAddresses(
                plan.Targets, new IPAddress?[plan.Targets.Names.Count], skipped, string.Empty);
        }
    }
}
