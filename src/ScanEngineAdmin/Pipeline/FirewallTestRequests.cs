using System.Management.Automation;
using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Core.Diagnosis;
using ScanEngineAdmin.Core.Nodes;
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
    private readonly DataFolder _folder;
    private readonly HttpProxy? _proxy;
    private readonly bool _includeOther;
    private readonly TimeSpan _timeout;
    private readonly ConsoleAdmin? _console;
    private readonly EngineAdmin? _engine;
    private readonly Dictionary<CertificateAdmin, ShownKeys> _keys = [];

    public FirewallTestRequests(
        DataFolder folder, bool includeOther, TimeSpan timeout, FirewallAnswers? answers, HttpProxy? proxy = null)
    {
        _proxy = proxy;
        _folder = folder;
        _dataPath = folder.Root;
        _includeOther = includeOther;
        _timeout = timeout;
        _console = Directory.Exists(folder.Console)
            ? ConsoleAdmin.Open(folder, Stores.Provider, answers: answers) : null;
        _engine = Directory.Exists(folder.Engine) ? EngineAdmin.Open(folder, Stores.Provider, answers: answers) : null;
    }

    /// <exception cref="ScanEngineException">EngineNotFound: a literal name that neither node of this host
    /// knows.</exception>
    public IReadOnlyList<FirewallTestJob> For(string name, CommunicationDirection? direction, NodeRole? role = null)
    {
        List<FirewallTestJob> jobs = role == NodeRole.Engine || _console is null
            ? []
            : Jobs(
                name, direction, _console.Store.ListEngines().Select(Pairing.Of), OnConsole, _console.TestFirewallAsync);
        if (jobs.Count == 0 && role != NodeRole.Console && _engine is not null)
        {
            jobs = Jobs(
                name, direction, _engine.Store.ListConsoles().Select(Pairing.Of), OnEngine, _engine.TestFirewallAsync);
        }

        return jobs.Count > 0 || WildcardPattern.ContainsWildcardCharacters(name) ? jobs : throw NotFound.Explain(
            NotFound.Engine(name), () => _console is null && _engine is null ? NotFound.ConsoleIn(_folder.Console) : null);
    }

    private List<FirewallTestJob> Jobs(
        string name,
        CommunicationDirection? direction,
        IEnumerable<Pairing> pairings,
        Func<Pairing, CommunicationDirection, FirewallTestRequest> request,
        Func<FirewallTestRequest, CancellationToken, Task<FirewallTestResult>> test) =>
    [
        .. pairings
            .Where(pairing => EngineSelection.Matches(pairing.EngineName, name))
            .SelectMany(pairing => Ways(direction ?? pairing.Direction).Select(way => new FirewallTestJob(
                pairing.EngineName,
                () => request(pairing, way.Direction) with { ShouldBeOpen = way.ShouldBeOpen },
                (asked, token) => TestAsync(test, asked, token)))),
    ];

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
    private IEnumerable<(CommunicationDirection Direction, bool ShouldBeOpen)> Ways(CommunicationDirection wanted)
    {
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

    private FirewallTestRequest OnConsole(Pairing engine, CommunicationDirection direction)
    {
        ShownKeys keys = Keys(_console!.Certificate);
        return Request(
            engine,
            direction,
            _console.Describe(),
            keys,
            dials: direction == CommunicationDirection.ConsoleToEngine,
            WellKnownPorts.Console) with
        {
            LocalRole = NodeRole.Console,
            Proxy = _proxy ?? NodeProxy.Of(_folder.Console),
            NodeName = Environment.MachineName,
            HelloProperties = keys.HelloProperties,
        };
    }

    private FirewallTestRequest OnEngine(Pairing console, CommunicationDirection direction) => Request(
        console,
        direction,
        _engine!.Describe(),
        Keys(_engine.Certificate),
        dials: direction == CommunicationDirection.EngineToConsole,
        WellKnownPorts.Engine) with
    {
        LocalRole = NodeRole.Engine,
        Proxy = _proxy ?? NodeProxy.Of(_folder.Engine),
        NodeName = console.EngineName,
    };

    private FirewallTestRequest Request(
        Pairing pairing, CommunicationDirection direction, NodeInfo node, ShownKeys keys, bool dials, int usualPort)
    {
        int listens = node.Node?.ListensAt?.Port ?? usualPort;
        bool inUse = direction == pairing.Direction;
        return new FirewallTestRequest
        {
            EngineName = pairing.EngineName,
            Direction = direction,
            Host = dials
                ? pairing.Address ?? pairing.ObservedAddress ?? throw NoAddress(pairing.EngineName)
                : Dns.GetHostName(),
            Port = dials ? pairing.Port : listens,
            ProbePort = inUse ? null : listens,
            PairingId = pairing.Id,
            PeerAddress = pairing.ObservedAddress ?? pairing.Address,
            Identity = keys.For(pairing.Id),
            NodeId = keys.NodeId,
            Pins = [.. pairing.Pins],
            Timeout = _timeout,
            ListenerProcessId = node.IsRunning ? node.Node?.ProcessId : null,
            LastContact = inUse ? pairing.LastContact : null,
            NextExpected = pairing.NextExpected,
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

    private static ScanEngineException NoAddress(string name) => new(
        FaultCode.AddressRequired,
        $"No address is known at which '{name}' could be dialled that way.",
        "Name it: Test-EngineFirewall -ComputerName <host> -Port <port>.",
        name);

    /// <summary>One pairing of this host's node, as a test needs to know it.</summary>
    private sealed record Pairing(
        Guid Id,
        string EngineName,
        CommunicationDirection Direction,
        string? Address,
        string? ObservedAddress,
        int Port,
        IReadOnlyList<Fingerprint> Pins,
        DateTimeOffset? LastContact,
        DateTimeOffset? NextExpected)
    {
        public static Pairing Of(EngineRecord engine) => new(
            engine.PairingId,
            engine.Name,
            engine.Direction,
            engine.Address,
            engine.ObservedAddress,
            engine.Port,
            engine.Pins,
            engine.LastContact,
            engine.NextExpected);

        public static Pairing Of(ConsoleRecord console) => new(
            console.PairingId,
            console.EngineName,
            console.Direction,
            console.Address,
            console.ObservedAddress,
            console.Port,
            console.Pins,
            console.LastSeen,
            NextExpected: null);
    }
}
