using System.Net;
using System.Text.RegularExpressions;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Applier;
using ScanEngineAdmin.Core.Directions;
using ScanEngineAdmin.Core.Pairing;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Firewall.Planning;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Storage;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Service.Tests.Namespaces;

/// <summary>
/// A console's and an engine's host, each dropping what comes in by default, each with a firewall applier if a test
/// starts one: four processes, two filters, and this product's rules for the direction in force in them.
/// </summary>
internal sealed partial class ApplierLab : IAsyncDisposable
{
    public const string EngineName = "lab-1";
    private const int ShutPriority = 10;
    private static readonly TimeSpan Bound = HostProcess.Bound;
    private static readonly IPAddress ConsoleAddress = IPAddress.Parse("10.191.1.1");
    private static readonly IPAddress EngineAddress = IPAddress.Parse("10.191.1.2");
    private static readonly NftablesPlacement Placement = new("inet", "filter", "input", "output");

    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<NodeRole, NetworkNamespace> _spaces = new()
    {
        [NodeRole.Console] = NetworkNamespace.CreateAlone(),
        [NodeRole.Engine] = NetworkNamespace.CreateAlone(),
    };

    private readonly Dictionary<NodeRole, HostProcess> _nodes = [];
    private readonly Dictionary<NodeRole, HostProcess> _appliers = [];

    private readonly UnitRights? _rights;

    private ApplierLab(bool asUnits)
    {
        _rights = asUnits ? new UnitRights(_folder) : null;
        NetworkNamespace.Link(_spaces[NodeRole.Console], ConsoleAddress, _spaces[NodeRole.Engine], EngineAddress);
        var stores = new SqliteStoreProvider();
        Console = ConsoleAdmin.Open(DataFolder.Resolve(_folder.Below("console-host")), stores);
        Engine = EngineAdmin.Open(DataFolder.Resolve(_folder.Below("engine-host")), stores);
        if (asUnits)
        {
            UnitRights.Give(Console.Folder.Root, Engine.Folder.Root);
        }
    }

    public ConsoleAdmin Console { get; }

    public EngineAdmin Engine { get; }

    public Guid PairingId { get; private set; }

    public string Logs => string.Join('\n', _nodes.Concat(_appliers).Select(
        one => $"-- {one.Key}\n{one.Value.Output}\n{one.Value.Error}"));

    /// <summary>Both nodes run and are in contact; both filters drop, but for what that direction needs.</summary>
    /// <param name="direction">The direction.</param>
    /// <param name="asUnits">Nodes of a user of their own, appliers with no more rights than their unit has.</param>
    public static async Task<ApplierLab> StartAsync(CommunicationDirection direction, bool asUnits = false)
    {
        var lab = new ApplierLab(asUnits);
        try
        {
            await lab.StartNodeAsync(NodeRole.Console);
            await lab.StartNodeAsync(NodeRole.Engine);
            await lab.PairAsync(direction);
            await lab.ActiveAsync(direction);
            foreach (NodeRole role in Enum.GetValues<NodeRole>())
            {
                lab.Drop(role);
                foreach (FirewallRule rule in await lab.NeededAsync(role))
                {
                    lab.Shell(role, rule.Command);
                }
            }

            return lab;
        }
        catch (Exception exception)
        {
            string logs = lab.Logs;
            await lab.DisposeAsync();
            throw new InvalidOperationException(logs, exception);
        }
    }

    public void Shell(NodeRole role, string line) => _spaces[role].Shell(line);

    public string Ruleset(NodeRole role) =>
        Counters().Replace(_spaces[role].Run("nft", "list", "ruleset"), string.Empty);

    /// <summary>This product's rules that are there: id, flow, peer and port.</summary>
    public string Ours(NodeRole role) => string.Join('\n', OurRule().Matches(Ruleset(role)).Select(
        found => $"{found.Groups["id"].Value} {found.Groups["peer"].Value} {found.Groups["port"].Value}")
            .Order(StringComparer.Ordinal));

    /// <summary>Those that the direction in force needs, by that host's own store.</summary>
    public async Task<string> NeedsAsync(NodeRole role) => string.Join('\n', (await NeededAsync(role)).Select(
        rule => $"{rule.RuleId} {Assert.Single(rule.RemoteAddress)} {rule.LocalPort}").Order(StringComparer.Ordinal));

    /// <summary>What that host's applier says of the way that is dialled there.</summary>
    public async Task<(FirewallTestOutcome Result, string Evidence, string Recommendation)?> LookAsync(NodeRole role)
    {
        FirewallRule rule = (await NeededAsync(role)).First(static r => r.Flow == RuleFlow.In);
        (INodeStore store, string folder) = role == NodeRole.Console
            ? ((INodeStore)Console.Store, Console.Folder.Console)
            : (Engine.Store, Engine.Folder.Engine);
        return await new FirewallApplierClient(store, folder, TimeProvider.System).LookAsync(
            role, PairingId, rule.Flow, rule.LocalPort, rule.AddressFamily, CancellationToken.None);
    }

    /// <summary>
    /// Both hosts have exactly what is needed, nothing waits to be undone, and that direction is in force.
    /// </summary>
    public async Task ExactAsync(CommunicationDirection direction, params NodeRole[] roles)
    {
        await ActiveAsync(direction);
        await Until.TrueAsync(
            () => Engine.Store.GetConsole(PairingId) is { ChangeId: null } engine && engine.Direction == direction,
            "The engine stays in doubt.");

        // Until it is, the console's host needs both ways.
        await Until.TrueAsync(
            () => Console.Store.ListChanges(PairingId, openOnly: true).Count == 0,
            "The console does not know that the engine has heard the outcome.");
        foreach (NodeRole role in roles.Length > 0 ? roles : Enum.GetValues<NodeRole>())
        {
            string needs = await NeedsAsync(role);
            await Until.TrueAsync(
                () => Ours(role) == needs && Waiting(role).Length == 0,
                $"The {role}'s host has\n{Ours(role)}\nand needs\n{needs}\n"
                + $"waiting: {string.Join(' ', Waiting(role))}\n{Logs}");
        }
    }

    /// <summary>What the applier of that host keeps to undo.</summary>
    public string[] Waiting(NodeRole role) => Directory.Exists(State(role))
        ? [.. Directory.GetFiles(State(role), "*.undo").Concat(Directory.GetFiles(State(role), "*.json"))]
        : [];

    public async Task StartNodeAsync(NodeRole role)
    {
        string[] more = role == NodeRole.Console ? ["--advertise", ConsoleAddress.ToString()] : [];
        string name = role.ToString().ToLowerInvariant();
        string[] arguments = [name, "--data", Data(role), .. more];
        _nodes[role] = _rights is null
            ? HostProcess.StartIn(_spaces[role].Name, arguments)
            : HostProcess.StartProgramIn(_spaces[role].Name, [.. _rights.Node, .. arguments]);
        await _nodes[role].EventAsync(role == NodeRole.Console ? "ConsoleStarted" : "EngineStarted");
    }

    public async Task StartApplierAsync(NodeRole role)
    {
        string name = role.ToString().ToLowerInvariant();
        string[] arguments = ["firewall-applier", "--role", name, "--data", Data(role), "--state", State(role)];
        _appliers[role] = _rights is null
            ? HostProcess.StartIn(_spaces[role].Name, arguments)
            : HostProcess.StartProgramIn(_spaces[role].Name, [.. _rights.Applier, .. arguments]);
        await _appliers[role].EventAsync("ApplierStarted");
    }

    public Task KillNodeAsync(NodeRole role) => KillAsync(_nodes, role);

    public Task KillApplierAsync(NodeRole role) => KillAsync(_appliers, role);

    public Task<FirewallPlan> ChangeAsync(CommunicationDirection direction, TimeSpan? timeout = null) =>
        Console.Direction.ChangeAsync(
            PairingId,
            new DirectionChangeRequest
            {
                Direction = direction,
                ApplyFirewall = true,
                Timeout = timeout ?? HostProcess.Bound / 2,
            },
            null,
            CancellationToken.None).WaitAsync(Bound);

    /// <summary>The change that was asked for last.</summary>
    public ChangeRecord LastChange => Console.Store.ListChanges(PairingId)[0];

    /// <summary>Both hosts are open for the change that was asked for last, and it is undecided.</summary>
    public Task ProvingAsync() => Until.TrueAsync(
        () => Console.Store.ListChanges(PairingId) is [{ State: ChangeState.Proving }],
        "The change is not being proved.");

    /// <summary>
    /// By routing: what that port answers goes nowhere. A filter that denied would be opened by the applier.
    /// </summary>
    public void Shut(NodeRole role, int port) =>
        Shell(role, $"ip rule add priority {ShutPriority} ipproto tcp sport {port} blackhole");

    public void Reopen(NodeRole role) => Shell(role, $"ip rule delete priority {ShutPriority}");

    public async Task ActiveAsync(CommunicationDirection direction) => await Console.WaitEngineAsync(
        PairingId,
        engine => engine.Status == CommunicationStatus.Active && engine.Direction == direction,
        Bound,
        null,
        CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        foreach (HostProcess process in _nodes.Values.Concat(_appliers.Values))
        {
            await process.DisposeAsync();
        }

        Console.Dispose();
        Engine.Dispose();
        foreach (NetworkNamespace space in _spaces.Values)
        {
            space.Dispose();
        }

        _folder.Dispose();
    }

    private static async Task KillAsync(Dictionary<NodeRole, HostProcess> processes, NodeRole role)
    {
        await processes[role].KillAsync();
        await processes[role].DisposeAsync();
        processes.Remove(role);
    }

    private string State(NodeRole role) => _folder.Below($"state-{role}");

    private string Data(NodeRole role) => role == NodeRole.Console ? Console.Folder.Root : Engine.Folder.Root;

    private async Task<IReadOnlyList<FirewallRule>> NeededAsync(NodeRole role)
    {
        IReadOnlyList<FirewallNeighbour> pairings = role == NodeRole.Console
            ? await FirewallPairings.OfConsoleAsync(Console.Store, CancellationToken.None)
            : await FirewallPairings.OfEngineAsync(Engine.Store, CancellationToken.None);
        var host = new FirewallHost
        {
            Port = role == NodeRole.Console ? 40815 : 40814,
            Provider = FirewallProvider.Nftables,
            Nftables = Placement,
        };
        return FirewallPlanner.Needed(role, host, pairings);
    }

    private void Drop(NodeRole role) => Shell(role, """
        nft -f - <<'X'
        table inet filter {
          chain input {
            type filter hook input priority 0; policy drop;
            iif lo accept
            ct state established,related accept
          }
          chain output { type filter hook output priority 0; policy accept; }
        }
        X
        """);

    private async Task PairAsync(CommunicationDirection direction)
    {
        var expires = TimeSpan.FromMinutes(5);
        if (direction == CommunicationDirection.ConsoleToEngine)
        {
            PairingSecret secret = Engine.CreateSecret(expires, EngineName, singleUse: true).Secret;
            await HostProcess.AdministerAsync(
                _spaces[NodeRole.Console].Name, secret.Reveal(),
                "register", Data(NodeRole.Console), $"{EngineAddress}", "40814", EngineName);
        }
        else
        {
            PairingSecret secret = Console.CreateSecret(expires, EngineName, singleUse: true).Secret;
            await HostProcess.AdministerAsync(
                _spaces[NodeRole.Engine].Name, secret.Reveal(),
                "pair", Data(NodeRole.Engine), $"{ConsoleAddress}", "40815", EngineName);
        }

        PairingId = Console.Store.FindEngine(EngineName)!.PairingId;
    }

    [GeneratedRegex(@"ip saddr (?<peer>\S+) tcp dport (?<port>\d+) accept comment ""scanengine:(?<id>sea-[0-9a-f]+)""")]
    private static partial Regex OurRule();

    [GeneratedRegex(@"packets \d+ bytes \d+")]
    private static partial Regex Counters();
}
