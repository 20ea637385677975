using System.Management.Automation;
using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Core.Diagnosis;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Firewall.Providers;
using ScanEngineAdmin.Loading;

namespace ScanEngineAdmin.Pipeline;

/// <summary>Makes of an engine's name what is to be tested, on the console's host and on the engine's.</summary>
internal sealed class FirewallTestRequests : IDisposable
{
    private readonly string _dataPath;
    private readonly CommunicationDirection? _direction;
    private readonly bool _includeOther;
    private readonly TimeSpan _timeout;
    private readonly ConsoleAdmin? _console;
    private readonly EngineAdmin? _engine;
    private readonly Dictionary<CertificateAdmin, ShownKeys> _keys = [];

    public FirewallTestRequests(
        DataFolder folder, CommunicationDirection? direction, bool includeOther, TimeSpan timeout,
        FirewallAnswers? answers)
    {
        _dataPath = folder.Root;
        _direction = direction;
        _includeOther = includeOther;
        _timeout = timeout;
        _console = Directory.Exists(folder.Console)
            ? ConsoleAdmin.Open(folder, Stores.Provider, answers: answers) : null;
        _engine = Directory.Exists(folder.Engine) ? EngineAdmin.Open(folder, Stores.Provider, answers: answers) : null;
    }

    /// <exception cref="ScanEngineException">EngineNotFound: a literal name that neither node of this host
    /// knows.</exception>
    public IReadOnlyList<FirewallTestJob> For(string name, NodeRole? role = null)
    {
        List<FirewallTestJob> jobs =
        [
            .. (role == NodeRole.Engine ? [] : _console?.Store.ListEngines() ?? [])
                .Where(engine => EngineSelection.Matches(engine.Name, name))
                .SelectMany(engine => Ways(engine.Direction).Select(way => new FirewallTestJob(
                    engine.Name,
                    () => OnConsole(engine, way.Direction) with { ShouldBeOpen = way.ShouldBeOpen },
                    (request, token) => TestAsync(_console!.TestFirewallAsync, request, token)))),
        ];
        if (jobs.Count == 0 && role != NodeRole.Console)
        {
            jobs.AddRange((_engine?.Store.ListConsoles() ?? [])
                .Where(console => EngineSelection.Matches(console.EngineName, name))
                .SelectMany(console => Ways(console.Direction).Select(way => new FirewallTestJob(
                    console.EngineName,
                    () => OnEngine(console, way.Direction) with { ShouldBeOpen = way.ShouldBeOpen },
                    (request, token) => TestAsync(_engine!.TestFirewallAsync, request, token)))));
        }

        return jobs.Count > 0 || WildcardPattern.ContainsWildcardCharacters(name) ? jobs : throw NotFound.Engine(name);
    }

    private async Task<FirewallTestResult> TestAsync(
        Func<FirewallTestRequest, CancellationToken, Task<FirewallTestResult>> test,
        FirewallTestRequest request,
        CancellationToken cancellationToken) =>
        await test(request, cancellationToken).ConfigureAwait(false) with { DataPath = _dataPath };

    public void Dispose()
    {
        _console?.Dispose();
        _engine?.Dispose();
        foreach (ShownKeys keys in _keys.Values)
        {
            keys.Dispose();
        }
    }

    /// <summary>The direction to test, and with it the other one, which is to be closed.</summary>
    private IEnumerable<(CommunicationDirection Direction, bool ShouldBeOpen)> Ways(CommunicationDirection inUse)
    {
        CommunicationDirection wanted = _direction ?? inUse;
        yield return (wanted, true);
        if (_includeOther)
        {
            yield return (
                wanted == CommunicationDirection.ConsoleToEngine
                    ? CommunicationDirection.EngineToConsole
                    : CommunicationDirection.ConsoleToEngine,
                false);
        }
    }

    private FirewallTestRequest OnConsole(EngineRecord engine, CommunicationDirection direction)
    {
        NodeInfo node = _console!.Describe();
        ShownKeys keys = Keys(_console.Certificate);
        int listens = ListenPort(node, WellKnownPorts.Console);
        bool dials = direction == CommunicationDirection.ConsoleToEngine;
        return new FirewallTestRequest
        {
            EngineName = engine.Name,
            Direction = direction,
            Host = dials ? engine.Address ?? engine.ObservedAddress ?? throw NoAddress(engine.Name) : Dns.GetHostName(),
            Port = dials ? engine.Port : listens,
            ProbePort = direction == engine.Direction ? null : listens,
            PairingId = engine.PairingId,
            PeerAddress = engine.ObservedAddress ?? engine.Address,
            LocalRole = NodeRole.Console,
            Identity = keys.For(engine.PairingId),
            NodeId = keys.NodeId,
            NodeName = Environment.MachineName,
            Pins = [.. engine.Pins],
            HelloProperties = keys.HelloProperties,
            Timeout = _timeout,
            ListenerProcessId = node.IsRunning ? node.Node?.ProcessId : null,
            LastContact = direction == engine.Direction ? engine.LastContact : null,
            NextExpected = engine.NextExpected,
        };
    }

    private FirewallTestRequest OnEngine(ConsoleRecord console, CommunicationDirection direction)
    {
        NodeInfo node = _engine!.Describe();
        ShownKeys keys = Keys(_engine.Certificate);
        int listens = ListenPort(node, WellKnownPorts.Engine);
        bool dials = direction == CommunicationDirection.EngineToConsole;
        return new FirewallTestRequest
        {
            EngineName = console.EngineName,
            Direction = direction,
            Host = dials
                ? console.Address ?? console.ObservedAddress ?? throw NoAddress(console.EngineName)
                : Dns.GetHostName(),
            Port = dials ? console.Port : listens,
            ProbePort = direction == console.Direction ? null : listens,
            PairingId = console.PairingId,
            PeerAddress = console.ObservedAddress ?? console.Address,
            LocalRole = NodeRole.Engine,
            Identity = keys.For(console.PairingId),
            NodeId = keys.NodeId,
            NodeName = console.EngineName,
            Pins = [.. console.Pins],
            Timeout = _timeout,
            ListenerProcessId = node.IsRunning ? node.Node?.ProcessId : null,
            LastContact = direction == console.Direction ? console.LastSeen : null,
        };
    }

    // One for all engines of the node: a key is read once, not once for each of thousands.
    private ShownKeys Keys(CertificateAdmin client)
    {
        lock (_keys)
        {
            if (!_keys.TryGetValue(client, out ShownKeys? known))
            {
                known = _keys[client] = client.LoadKeys();
            }

            return known;
        }
    }

    private static int ListenPort(NodeInfo node, int usual) =>
        node.Node?.ListensAt?.Port ?? usual;

    private static ScanEngineException NoAddress(string name) => new(
        FaultCode.AddressRequired,
        $"No address is known at which '{name}' could be dialled that way.",
        "Name it: Test-EngineFirewall -ComputerName <host> -Port <port>.",
        name);
}
