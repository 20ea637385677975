using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Core.Diagnosis;

/// <summary>
/// The one place where a fault of the channel becomes a stage and an advice. The evidence is the fault's own message:
/// it was written where the thing was seen.
/// </summary>
internal static class FirewallFaultTable
{
    private const string OtherService =
        "Something else holds that port, or something on the way answers in its place. On the {0} host see who: {1}; "
        + "or give the node another port.";

    private static readonly Dictionary<ChannelFault, (FirewallStage? Stage, string Advice)> Rows = new()
    {
        [ChannelFault.NameNotResolved] = (FirewallStage.Name,
            "Look at the spelling and at this host's DNS (Resolve-DnsName or getent hosts), or use the address: {3}"),
        [ChannelFault.ConnectionRefused] = (FirewallStage.Connect,
            "The host answers, so routes are fine. On the {0} host: is the node up? {2}. If it is, a firewall there or "
            + "before it rejects with RST: {4} run there tells."),
        [ChannelFault.AdminProhibited] = (FirewallStage.Connect,
            "A firewall at the {0} host or on the way rejects by rule. Let TCP {5} in there: {6}"),
        [ChannelFault.HostUnreachable] = (FirewallStage.Connect,
            "Is the host up and the address right? If it is, look at the routes: "
            + "ip route get {7} (Find-NetRoute on Windows)."),
        [ChannelFault.ConnectTimedOut] = (FirewallStage.Connect,
            "From this end it cannot be known which side drops. Run on the {0} host: {4}; and see the rules that both "
            + "hosts need: {6}"),
        [ChannelFault.ProxyRefused] = (FirewallStage.Connect,
            "The way leads through a proxy: have its admin allow CONNECT to {8}, give it the credentials that "
            + "it wants, or let the node listen on a port that it allows, as 443."),
        [ChannelFault.WrongService] = (null, OtherService),
        [ChannelFault.HandshakeFailed] = (null,
            "On the {0} host look into the node's log for this moment and see who holds the port: {1}"),
        [ChannelFault.HandshakeTimedOut] = (null,
            "On the {0} host see who holds the port: {1}. If it is the node, packets above a size may be lost on the "
            + "way: ping -M do -s 1400 {7}"),
        [ChannelFault.PeerNotTrusted] = (FirewallStage.Identity,
            "Compare with the fingerprint shown on the {0} host ({2}). Only if it is the same was the node "
            + "renewed: pair it again. If not, address or NAT lead to another node."),
        [ChannelFault.TlsIntercepted] = (FirewallStage.Tls,
            "Except {8} from TLS inspection in that device: the channel is never opened through it."),
        [ChannelFault.Refused] = (FirewallStage.RoundTrip, string.Empty),
        [ChannelFault.VersionMismatch] = (FirewallStage.Version,
            "Update ScanEngineAdmin on the side with the lower version."),
        [ChannelFault.ProtocolViolation] = (null,
            "Compare the versions of ScanEngineAdmin on both hosts: (Get-Module ScanEngineAdmin).Version"),
        [ChannelFault.PeerSilent] = (FirewallStage.RoundTrip,
            "The link is half open: a firewall between forgot it, or the node hangs. Look at the {0} host: {2}"),
        [ChannelFault.SendTimedOut] = (FirewallStage.RoundTrip, "The node does not read. Look at the {0} host: {2}"),
        [ChannelFault.ConnectionLost] = (null,
            "Something cut the connection. Try again; if it stays, look into the log of the node on the {0} host."),
        [ChannelFault.Closed] = (FirewallStage.RoundTrip, "The node closed it. Look into its log on the {0} host: {2}"),
        [ChannelFault.RequestTimedOut] = (FirewallStage.RoundTrip,
            "The node is up but did not answer in time. Look at its load on the {0} host: {2}"),
        [ChannelFault.RequestFailed] = (FirewallStage.RoundTrip, "Look into the log of the node on the {0} host."),
        [ChannelFault.StreamReset] = (FirewallStage.RoundTrip, "Look into the log of the node on the {0} host."),
        [ChannelFault.LimitReached] = (FirewallStage.Connect,
            "This host is out of sockets or at its limit of connections: end what holds them, then try again."),
        [ChannelFault.PortInUse] = (FirewallStage.LocalListener, "See who holds the port on this host: {1}"),
        [ChannelFault.AddressNotAvailable] = (FirewallStage.LocalListener,
            "Listen on an address of this host: Get-NetIPAddress or ip address shows them."),
    };

    /// <summary>Which stage a fault ends, and what to do about it.</summary>
    public static (FirewallStage Stage, string Recommendation) Explain(
        ChannelException fault, FirewallTestRequest request)
    {
        (FirewallStage? stage, string advice) = Rows[fault.Fault];
        if (fault.Refusal is { } refusal && fault.Fault == ChannelFault.Refused)
        {
            (stage, advice) = FirewallRefusalTable.Explain(refusal.Code);
        }

        return (stage ?? Of(fault.Stage), Fill(advice, request));
    }

    /// <summary>Puts the request's own facts into an advice.</summary>
    internal static string Fill(string advice, FirewallTestRequest request)
    {
        bool toEngine = request.Direction == CommunicationDirection.ConsoleToEngine;
        string test = request.EngineName.Length > 0
            ? $"Test-EngineFirewall -Name '{RuleText.Name(request.EngineName)}'"
            : $"Test-EngineFirewall -ComputerName localhost -Port {request.Port}";
        string plan = request.EngineName.Length > 0
            ? $"Set-ScanEngineCommunication -Name '{RuleText.Name(request.EngineName)}' "
                + $"-Direction {request.Direction} -WhatIf"
            : $"on Linux: {OpenCommand(request)}";
        return string.Format(
            System.Globalization.CultureInfo.InvariantCulture,
            advice,
            toEngine ? "engine" : "console",
            $"ss -ltnp 'sport = :{request.Port}' (Linux) or "
                + $"Get-NetTCPConnection -LocalPort {request.Port} -State Listen (Windows)",
            toEngine
                ? "Get-EngineListener (else Start-EngineListener)"
                : "Get-SecurityConsole (else Start-SecurityConsole)",
            $"Test-EngineFirewall -ComputerName <address> -Port {request.Port}",
            test,
            request.Port,
            plan,
            request.Host,
            request.EndPoint,
            request.Direction);
    }

    private static string OpenCommand(FirewallTestRequest request) =>
        $"sudo nft insert rule inet filter input tcp dport {request.Port} accept";

    private static FirewallStage Of(ChannelStage stage) => stage switch
    {
        ChannelStage.Bind => FirewallStage.LocalListener,
        ChannelStage.Name => FirewallStage.Name,
        ChannelStage.Connect => FirewallStage.Connect,
        ChannelStage.FirstBytes => FirewallStage.FirstBytes,
        ChannelStage.Tls => FirewallStage.Tls,
        ChannelStage.Identity => FirewallStage.Identity,
        ChannelStage.Hello => FirewallStage.Version,
        _ => FirewallStage.RoundTrip,
    };
}
