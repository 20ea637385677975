using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Scanning.Ports;

namespace ScanEngineAdmin.Scanning.Nmap;

/// <summary>
/// The ports of one host. Of many ports in one state nmap says only that state, with the ports from version 7.92 on.
/// </summary>
internal sealed class NmapHost
{
    private readonly Dictionary<int, (PortState State, string? Service)> _ports = [];
    private readonly List<(PortState State, PortList? Ports)> _others = [];
    private int _port;

    /// <summary>Null where nothing was said of a port.</summary>
    public (PortState State, string? Service)? this[int port]
    {
        get
        {
            if (_ports.TryGetValue(port, out (PortState State, string? Service) said))
            {
                return said;
            }

            PortState[] states =
            [
                .. _others.Where(other => other.Ports?.Contains(port) == true).Select(static other => other.State),
            ];
            states = states.Length > 0 ? states : [.. _others.Select(static other => other.State).Distinct()];
            return states.Length == 1 ? (states[0], null) : null;
        }
    }

    public void Begin(int port) => _port = port;

    public void State(PortState state) => _ports[_port] = (state, null);

    /// <summary>Of an open port: what nmap says of others is a guess by the number.</summary>
    public void Service(string? service)
    {
        if (_ports.TryGetValue(_port, out (PortState State, string? Service) said) && said.State == PortState.Open)
        {
            _ports[_port] = (said.State, service);
        }
    }

    /// <param name="state">The state of the ports that are not listed; null for that of the last one said.</param>
    /// <param name="ports">Which ones, if that is said.</param>
    public void Others(PortState? state, PortList? ports)
    {
        if (state is { } known)
        {
            _others.Add((known, ports));
        }
        else if (_others.Count > 0)
        {
            _others.Add((_others[^1].State, ports));
        }
    }
}
