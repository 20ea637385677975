using System.Management.Automation;
using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core;
using ScanEngineAdmin.Core.Console;
using ScanEngineAdmin.Core.Direction;
using ScanEngineAdmin.Core.Engine;
using ScanEngineAdmin.Core.Engines;
using ScanEngineAdmin.Core.Firewall;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Loading;

namespace ScanEngineAdmin.Pipeline;

/// <summary>Makes of an engine's name what is to be tested, on the console's host and on the engine's.</summary>
internal sealed class FirewallTestRequests : IDisposable
{
    private readonly CommunicationDirection? _direction;
    private readonly TimeSpan _timeout;
    private readonly ConsoleAdmin? _console;
    private readonly EngineAdmin? _engine;
    private readonly List<NodeIdentity> _identities = [];

    public FirewallTestRequests(DataFolder folder, CommunicationDirection? direction, TimeSpan timeout)
    {
        _direction = direction;
        _timeout = timeout;
        _console = Directory.Exists(folder.Console) ? ConsoleAdmin.Open(folder, Stores.Provider) : null;
        _engine = Directory.Exists(folder.Engine) ? EngineAdmin.Open(folder, Stores.Provider) : null;
    }

    /// <exception cref="ScanEngineException">EngineNotFound: a literal name that neither node of this host
    /// knows.</exception>
    public IReadOnlyList<FirewallTestRequest> For(string name)
    {
        IEnumerable<FirewallTestRequest> here = (_console?.Store.ListEngines() ?? [])
            .Where(engine => EngineSelection.Matches(engine.Name, name)).Select(OnConsole);
        List<FirewallTestRequest> requests = [.. here];
        if (requests.Count == 0)
        {
            requests.AddRange((_engine?.Store.ListConsoles() ?? [])
                .Where(console => EngineSelection.Matches(console.EngineName, name)).Select(OnEngine));
        }

        return requests.Count > 0 || WildcardPattern.ContainsWildcardCharacters(name)
            ? requests
            : throw Missing.Engine(name);
    }

    public void Dispose()
    {
        _console?.Dispose();
        _engine?.Dispose();
        _identities.ForEach(identity => identity.Dispose());
    }

    private FirewallTestRequest OnConsole(EngineRecord engine)
    {
        CommunicationDirection direction = _direction ?? engine.Direction;
        NodeInfo node = _console!.Describe();
        (Guid id, NodeIdentity identity) = Identity(_console.Folder.Console);
        bool dials = direction == CommunicationDirection.ConsoleToEngine;
        return new FirewallTestRequest
        {
            EngineName = engine.Name,
            Direction = direction,
            Host = dials ? engine.Address ?? engine.ObservedAddress ?? throw NoAddress(engine.Name) : Dns.GetHostName(),
            Port = dials ? engine.Port : ListenPort(node, WellKnownPorts.Console),
            LocalRole = NodeRole.Console,
            Identity = identity,
            NodeId = id,
            NodeName = Environment.MachineName,
            Pins = [.. engine.Pins],
            Timeout = _timeout,
            ListenerProcessId = node.IsRunning ? node.Node?.ProcessId : null,
            LastContact = direction == engine.Direction ? engine.LastContact : null,
            NextExpected = engine.NextExpected,
        };
    }

    private FirewallTestRequest OnEngine(ConsoleRecord console)
    {
        CommunicationDirection direction = _direction ?? console.Direction;
        NodeInfo node = _engine!.Describe();
        (Guid id, NodeIdentity identity) = Identity(_engine.Folder.Engine);
        bool dials = direction == CommunicationDirection.EngineToConsole;
        return new FirewallTestRequest
        {
            EngineName = console.EngineName,
            Direction = direction,
            Host = dials
                ? console.Address ?? console.ObservedAddress ?? throw NoAddress(console.EngineName)
                : Dns.GetHostName(),
            Port = dials ? console.Port : ListenPort(node, WellKnownPorts.Engine),
            LocalRole = NodeRole.Engine,
            Identity = identity,
            NodeId = id,
            NodeName = console.EngineName,
            Pins = [.. console.Pins],
            Timeout = _timeout,
            ListenerProcessId = node.IsRunning ? node.Node?.ProcessId : null,
            LastContact = direction == console.Direction ? console.LastSeen : null,
        };
    }

    private (Guid Id, NodeIdentity Identity) Identity(string folder)
    {
        (Guid id, NodeIdentity identity) = IdentityFile.LoadOrCreate(folder, TimeProvider.System);
        _identities.Add(identity);
        return (id, identity);
    }

    private static int ListenPort(NodeInfo node, int usual) =>
        IPEndPoint.TryParse(node.Node?.EndPoint ?? string.Empty, out IPEndPoint? at) ? at.Port : usual;

    private static ScanEngineException NoAddress(string name) => new(
        FaultCode.AddressRequired,
        $"No address is known at which '{name}' could be dialled that way.",
        "Name it: Test-EngineFirewall -ComputerName <host> -Port <port>.",
        name);
}
