using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Scanning.Compare;

/// <summary>
/// Gathers the differences of one target. Of a host that came or went only the ports that are or were open are named
/// one by one: the others follow from the host.
/// </summary>
internal sealed class HostDifferences
{
    private readonly List<ScanDifference> _ports = [];
    private string _target = string.Empty;
    private bool _answeredBefore;
    private bool _answersNow;

    public void Begin(string target)
    {
        _target = target;
        _ports.Clear();
        _answeredBefore = false;
        _answersNow = false;
    }

    public void Add(Finding before, Finding after)
    {
        _answeredBefore |= before.State != PortState.Filtered;
        _answersNow |= after.State != PortState.Filtered;
        if (Kind(before, after) is { } kind)
        {
            _ports.Add(new ScanDifference(kind, _target, before, after));
        }
    }

    /// <summary>The host's own difference first, then those of its ports in ascending order.</summary>
    public IEnumerable<ScanDifference> List()
    {
        if (_answeredBefore == _answersNow)
        {
            return _ports;
        }

        var host = new ScanDifference(
            _answersNow ? ScanDifferenceKind.NewHost : ScanDifferenceKind.GoneHost, _target, null, null);
        return _ports.Where(port => port.Before!.State == PortState.Open || port.After!.State == PortState.Open)
            .Prepend(host);
    }

    private static ScanDifferenceKind? Kind(Finding before, Finding after) => after.State switch
    {
        PortState.Open when before.State == PortState.Open =>
            before.Banner == after.Banner ? null : ScanDifferenceKind.BannerChanged,
        _ when before.State == after.State => null,
        PortState.Open => ScanDifferenceKind.Opened,
        PortState.Closed => ScanDifferenceKind.Closed,
        _ => ScanDifferenceKind.Filtered,
    };
}
