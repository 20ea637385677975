using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Diagnosis;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Nodes;

namespace ScanEngineAdmin.Core.Console;

/// <summary>
/// Why a change was rolled back, for an admin: stage, endpoint, what was observed, which side to look at.
/// </summary>
internal static class ChangeFailure
{
    public static string Detail(
        ConsoleContext node, ChangeRecord change, string stage, string observed, ChannelException? fault)
    {
        EngineRecord? engine = node.Store.GetEngine(change.PairingId);
        (string host, int? port, CommunicationDirection way) = change.State == ChangeState.Proving
            ? New(node, change, engine)
            : Present(node, change, engine);
        string at = port is { } number ? new DialTarget(host, number, []).EndPoint : host;
        string dialler = way == CommunicationDirection.ConsoleToEngine ? "console" : "engine";
        return $"{stage}. Endpoint: {at}, dialled by the {dialler}. Observed: {observed.TrimEnd('.')}. "
            + $"Look at: {Side(change, engine, host, port, way, fault)}";
    }

    private static (string Host, int? Port, CommunicationDirection Way) New(
        ConsoleContext node, ChangeRecord change, EngineRecord? engine) =>
        change.To == CommunicationDirection.ConsoleToEngine
            ? (change.Address ?? engine?.Address ?? engine?.ObservedAddress ?? "the engine",
                change.Port ?? engine?.Port,
                change.To)
            : (change.ConsoleAddress ?? node.Options.AdvertisedAddress
                    ?? "the address that the engine last saw this console at",
                change.ConsolePort ?? node.ListenPort,
                change.To);

    private static (string Host, int? Port, CommunicationDirection Way) Present(
        ConsoleContext node, ChangeRecord change, EngineRecord? engine) =>
        change.From == CommunicationDirection.ConsoleToEngine
            ? (engine?.Address ?? engine?.ObservedAddress ?? "the engine", engine?.Port, change.From)
            : ("this console", node.ListenPort, change.From);

    private static string Side(
        ChangeRecord change,
        EngineRecord? engine,
        string host,
        int? port,
        CommunicationDirection way,
        ChannelException? fault) => (change.State, fault) switch
        {
            (_, { Fault: ChannelFault.RequestFailed, PeerCode: (int)RequestCode.WayNotOpened }) =>
                "the engine's host: free the port there, or name another one.",
            (_, { Fault: ChannelFault.RequestFailed, PeerCode: (int)RequestCode.Stale }) =>
                "this console's store: the engine has heard of a later change. Its next contact corrects that; then "
                    + "ask again.",
            (_, not null) when way == CommunicationDirection.ConsoleToEngine => Explain(engine, host, port, fault),
            (ChangeState.Proving, _) when way == CommunicationDirection.EngineToConsole =>
                $"first this host, inbound TCP {port}; then the engine's host, outbound and its route. "
                    + "Get-EnginePoller on the engine's host shows what it met.",
            (ChangeState.Proving, _) => $"the engine's host: its listener at TCP {port} (Get-EngineListener there).",
            _ when way == CommunicationDirection.EngineToConsole =>
                "the engine's host: Get-EnginePoller there shows when it polls and what it met.",
            _ => "the engine's host: Get-EngineListener there; and the way between (Test-EngineFirewall here).",
        };

    private static string Explain(EngineRecord? engine, string host, int? port, ChannelException fault)
    {
        string first = fault.Fault switch
        {
            ChannelFault.NameNotResolved or ChannelFault.HostUnreachable or ChannelFault.LimitReached => "this host",
            ChannelFault.ConnectTimedOut => "both hosts, the engine's inbound rule first",
            _ => "the engine's host",
        };
        var request = new FirewallTestRequest
        {
            EngineName = engine?.Name ?? string.Empty,
            Direction = CommunicationDirection.ConsoleToEngine,
            Host = host,
            Port = port ?? WellKnownPorts.Engine,
        };
        return $"{first}. {FirewallFaultTable.Explain(fault, request).Recommendation}";
    }
}
