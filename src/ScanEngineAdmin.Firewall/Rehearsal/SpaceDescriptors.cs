namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>What was made inside a new namespace; -1 for what this system does not have.</summary>
/// <param name="Space">Stands for the namespace: while it is open the namespace lives.</param>
/// <param name="Netlink">A socket of the filter's netlink, for its traces.</param>
/// <param name="Devices">For each device /dev/net/tun, opened inside, and a packet socket for where there is
/// none.</param>
internal sealed record SpaceDescriptors(int Space, int Netlink, IReadOnlyList<(int Tunnel, int Packet)> Devices);
