using System.Net;

namespace ScanEngineAdmin.Firewall.Rules;

/// <summary>Where a host's node dials.</summary>
internal sealed record OutboundWay(IPAddress Peer, int Port);
