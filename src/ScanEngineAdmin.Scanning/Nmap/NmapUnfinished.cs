using System.Net;

namespace ScanEngineAdmin.Scanning.Nmap;

/// <summary>The hosts that nmap did not finish in time, for the detail of a scan.</summary>
internal sealed class NmapUnfinished
{
    private readonly (long Count, IPAddress? First)[] _kinds = new (long, IPAddress?)[2];

    /// <param name="late">Without their services.</param>
    /// <param name="silent">Those of them without their ports, too.</param>
    public void Add(IEnumerable<IPAddress> late, IEnumerable<IPAddress> silent)
    {
        IPAddress[] nothing = [.. silent];
        Add(0, late.Except(nothing));
        Add(1, nothing);
    }

    public string Detail => string.Join("; ", new[]
    {
        Said(0, "scanned without the detection of services, which took nmap too long"),
        Said(1, "not scanned, as nmap did not finish in time"),
    }.OfType<string>());

    private void Add(int kind, IEnumerable<IPAddress> addresses)
    {
        foreach (IPAddress address in addresses)
        {
            _kinds[kind] = (_kinds[kind].Count + 1, _kinds[kind].First ?? address);
        }
    }

    private string? Said(int kind, string what)
    {
        (long count, IPAddress? first) = _kinds[kind];
        return count == 0 ? null
            : $"{count} {(count == 1 ? "address was" : "addresses were")} {what}: {first}"
                + (count > 1 ? " and others" : string.Empty);
    }
}
