using System.Net;
using System.Net.Sockets;
using ScanEngineAdmin.Scanning.Plan;
using ScanEngineAdmin.Scanning.Ports;

namespace ScanEngineAdmin.Scanning.Nmap;

/// <summary>
/// What one run of nmap scans: units in a row, so that all below the end are done when the run is. Whole targets where
/// one fits, else some ports of one target.
/// </summary>
internal sealed class NmapBlock
{
    /// <summary>So that the addresses fit into a command line of any system.</summary>
    public const int MaxAddresses = 256;

    private readonly List<(long Target, IPAddress Address)> _targets = [];
    private readonly int _firstPort;
    private readonly int _portCount;

    private NmapBlock(int firstPort, int portCount, PortList all)
    {
        (_firstPort, _portCount) = (firstPort, portCount);
        Ports = portCount == all.Count
            ? all
            : PortList.Parse(Enumerable.Range(firstPort, portCount).Select(index => all[index]).ToArray());
    }

    /// <summary>Units below it are done with this block.</summary>
    public long End { get; private set; }

    public PortList Ports { get; }

    /// <summary>Each once, of one family: nmap scans no two in one run.</summary>
    public IReadOnlyCollection<IPAddress> Addresses { get; private set; } = [];

    /// <summary>The block that begins at a unit.</summary>
    public static NmapBlock At(ScanPlan plan, ScanAddresses addresses, long unit, int mostUnits)
    {
        int ports = plan.Ports.Count;
        (long target, long port) = Math.DivRem(unit, ports);
        bool whole = port == 0 && ports <= mostUnits;
        int count = whole ? ports : (int)Math.Min(ports - port, mostUnits);
        var block = new NmapBlock((int)port, count, plan.Ports) { End = unit };
        var distinct = new HashSet<IPAddress>();
        AddressFamily? family = null;
        long last = whole ? Math.Min(plan.Targets.Count, target + (mostUnits / ports)) : target + 1;
        for (; target < last && distinct.Count < MaxAddresses; target++)
        {
            if (addresses[target] is { } address)
            {
                family ??= address.AddressFamily;
                if (address.AddressFamily != family)
                {
                    break;
                }

                distinct.Add(address);
                block._targets.Add((target, address));
            }

            block.End += count;
        }

        block.Addresses = distinct;
        return block;
    }

    /// <summary>Every unit of a target with an address.</summary>
    public IEnumerable<(long Unit, long Target, IPAddress Address, int Port)> Units(ScanPlan plan) =>
        from target in _targets
        from index in Enumerable.Range(_firstPort, _portCount)
        select ((target.Target * plan.Ports.Count) + index, target.Target, target.Address, plan.Ports[index]);
}
