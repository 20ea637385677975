using System.Net;

namespace ScanEngineAdmin.Scanning.Targets;

/// <summary>
/// Addresses among a scan's targets that the engine passes over: the policy's, where the engine's admin wants that
/// instead of a refusal, and those of excluded host names. They keep their numbers, since the console has them too.
/// </summary>
internal sealed class SkippedTargets(TargetList targets, AddressSet forbidden)
{
    private AddressSet _all = Within(targets, forbidden);
    private AddressSet _excluded = AddressSet.Empty;

    public bool Any => _all.Ranges.Count > 0;

    public void Exclude(AddressSet addresses)
    {
        _excluded = Within(targets, addresses);
        _all = _all.With(_excluded);
    }

    public bool Contains(IPAddress address) => Any && _all.Contains(address);

    /// <summary>What to say of them, behind what is to be said anyway.</summary>
    public string Detail(string said)
    {
        AddressSet denied = Within(targets, forbidden).Except(_excluded);
        return string.Join("; ", new[]
        {
            said,
            Said(denied, "not allowed by the engine's target policy"),
            Said(_excluded, "those of excluded host names"),
        }.Where(static text => text.Length > 0));
    }

    private static string Said(AddressSet skipped, string why)
    {
        UInt128 count = skipped.Count;
        return count == 0 ? string.Empty
            : $"{count} {(count == 1 ? "address was" : "addresses were")} passed over, {why}: {skipped.Ranges[0]}"
                + (skipped.Ranges.Count > 1 ? " and others" : string.Empty);
    }

    private static AddressSet Within(TargetList targets, AddressSet addresses)
    {
        var all = new AddressSet(targets.Ranges);
        return all.Except(all.Except(addresses));
    }
}
