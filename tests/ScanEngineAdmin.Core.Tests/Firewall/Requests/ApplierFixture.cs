using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Applier;
using ScanEngineAdmin.Core.Tests.Admin;
using ScanEngineAdmin.Core.Tests.Firewall.Applying;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Firewall.Providers;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Tools;
using ScanEngineAdmin.Firewall.Trials;
using ScanEngineAdmin.Storage;

namespace ScanEngineAdmin.Core.Tests.Firewall.Requests;

/// <summary>A host with its node's store, written by hand, and an iptables that is a list in memory.</summary>
internal sealed class ApplierFixture : IDisposable
{
    private const string Any = "any";

    public const CommunicationDirection Standard = CommunicationDirection.ConsoleToEngine;
    public const CommunicationDirection Reverse = CommunicationDirection.EngineToConsole;

    private readonly string _state = Directory.CreateTempSubdirectory("sea-applier-").FullName;
    private readonly List<ToolCall> _writes = [];
    private int _engines;

    public ApplierFixture(NodeRole role, params int[] ports)
    {
        Role = role;
        Options = new FirewallApplierOptions
        {
            Ports = ports,
            Provider = FirewallProvider.Iptables,
            StoreCheck = TimeSpan.FromMilliseconds(20),
            Retry = TimeSpan.FromMilliseconds(20),
            Host = new HostTools((call, _) => Task.FromResult(Run(call)), false, _state, TimeProvider.System)
            {
                IsThisKernel = false,
                DeniesOutbound = _ => Task.FromResult<bool?>(DeniesOutbound),
            },
        };
        Listen("0.0.0.0:" + (role == NodeRole.Console ? WellKnownPorts.Console : WellKnownPorts.Engine));
    }

    /// <summary>With a real filter instead.</summary>
    public ApplierFixture(NodeRole role, FilterHost filter)
        : this(role, filter.HostTools)
    {
    }

    public ApplierFixture(NodeRole role, HostTools filter)
        : this(role) => Options = Options with { Provider = null, Host = filter };

    public NodeRole Role { get; }

    public AdminHost Host { get; } = new();

    public FirewallApplierOptions Options { get; set; }

    public List<string> Rules { get; } = [];

    /// <summary>Whether what goes out needs a rule.</summary>
    public bool DeniesOutbound { get; set; }

    /// <summary>Answers a call in place of the filter.</summary>
    public Func<ToolCall, ToolResult?> First { get; set; } = static _ => null;

    public IReadOnlyList<ToolCall> Writes => _writes;

    public INodeStore Store => Role == NodeRole.Console ? Host.Console.Store : Host.Engine.Store;

    public string NodeFolder => Role == NodeRole.Console ? Host.Folder.Console : Host.Folder.Engine;

    public FirewallApplierClient Client => new(Store, NodeFolder, TimeProvider.System);

    public string[] Waiting => Directory.GetFiles(_state, "*.undo");

    public void Dispose()
    {
        Host.Dispose();
        Directory.Delete(_state, recursive: true);
    }

    public void Listen(string endPoint) => Store.SetNode(AdminHost.Node(endPoint));

    public Task<FirewallApplierService> StartAsync()
    {
        Client.Provide();
        return FirewallApplierService.StartAsync(
            Host.Folder, Role, new SqliteStoreProvider(), Options, _ => { }, CancellationToken.None);
    }

    /// <summary>A pairing in that direction with a peer at that address.</summary>
    public Guid Pair(CommunicationDirection direction, string? peer = null, int? port = null, bool pending = false)
    {
        peer ??= $"192.0.2.{++_engines}";
        string name = $"lab-{Guid.NewGuid():N}";
        if (Role == NodeRole.Console)
        {
            Guid pairing = Host.AddPaired(name, direction, peer, peer).PairingId;
            Host.Console.Store.UpdateEngine(pairing, engine => engine with
            {
                Port = port ?? WellKnownPorts.Engine,
                State = pending ? EngineState.Pending : EngineState.Paired,
            });
            return pairing;
        }

        var console = new ConsoleRecord
        {
            PairingId = Guid.NewGuid(),
            ConsoleId = Guid.NewGuid(),
            EngineName = name,
            State = pending ? ConsoleState.Pending : ConsoleState.Paired,
            Direction = direction,
            Epoch = 6,
            Pins = [AdminHost.Key(name)],
            Address = peer,
            Port = port ?? WellKnownPorts.Console,
            ObservedAddress = peer,
            FirstSeen = DateTimeOffset.UnixEpoch,
        };
        Host.Engine.Store.AddConsole(console);
        return console.PairingId;
    }

    /// <summary>What the node writes when a change to that direction begins.</summary>
    public Guid Begin(Guid pairing, CommunicationDirection to)
    {
        var change = Guid.NewGuid();
        if (Role == NodeRole.Engine)
        {
            Host.Engine.Store.UpdateConsole(pairing, console => console with
            {
                ChangeId = change,
                ChangeTo = to,
                ChangeEpoch = console.Epoch + 1,
            });
            return change;
        }

        EngineRecord engine = Host.Console.Store.GetEngine(pairing)!;
        Host.Console.Store.AddChange(new ChangeRecord
        {
            ChangeId = change,
            PairingId = pairing,
            From = engine.Direction,
            Direction = to,
            Epoch = engine.Epoch + 1,
            State = ChangeState.Requested,
            Timeout = TimeSpan.FromSeconds(60),
            Requested = DateTimeOffset.UnixEpoch,
            RequestedBy = "admin@test",
            ApplyFirewall = true,
        });
        return change;
    }

    /// <summary>The console's decision; an engine hears it with the end only.</summary>
    public void Decide(Guid change, bool commit)
    {
        if (Role == NodeRole.Console)
        {
            Host.Console.Store.UpdateChange(change, (now, engine) => (
                now with { State = commit ? ChangeState.Committed : ChangeState.RolledBack },
                engine with { Epoch = now.Epoch, Direction = commit ? now.To : engine.Direction }));
        }
    }

    /// <summary>Both ends know the outcome.</summary>
    public void End(Guid pairing, Guid change, bool commit)
    {
        if (Role == NodeRole.Console)
        {
            Host.Console.Store.UpdateChange(
                change, (now, engine) => (now with { Acknowledged = DateTimeOffset.UnixEpoch }, engine));
            return;
        }

        Host.Engine.Store.UpdateConsole(pairing, console => console with
        {
            Direction = commit ? console.ChangeTo!.Value : console.Direction,
            Epoch = console.ChangeEpoch!.Value,
            ChangeId = null,
            ChangeTo = null,
            ChangeEpoch = null,
        });
    }

    /// <summary>Asks, and does what an applier does that is there; its fault is the test's.</summary>
    public async Task<FirewallRequest> DoAsync(
        Guid pairing, Guid change, FirewallAction action, TimeSpan? lifetime = null)
    {
        FirewallRequest asked = Client.Ask(pairing, change, action, lifetime ?? TimeSpan.FromMinutes(3));
        FirewallRequest done =
            await new FirewallRequestRunner(Role, Options).DoAsync(Store, asked, CancellationToken.None);
        Assert.True(Store.AnswerFirewall(done));
        return done;
    }

    /// <summary>What the directions in force need, by the planner.</summary>
    public async Task<string[]> NeededAsync()
    {
        IReadOnlyList<FirewallNeighbour> all = Role == NodeRole.Console
            ? await FirewallPairings.OfConsoleAsync(Host.Console.Store, CancellationToken.None)
            : await FirewallPairings.OfEngineAsync(Host.Engine.Store, CancellationToken.None);
        return [.. RequestedPlan.Needed(Role, all, DeniesOutbound).SelectMany(
            static rule => rule.RemoteAddress.DefaultIfEmpty(Any).Select(
                peer => $"{rule.RuleId} {rule.Flow} {peer} {rule.LocalPort}")).Order()];
    }

    /// <summary>What is in the filter, in the same words.</summary>
    public string[] Filter() => [.. Rules.Select(text =>
    {
        string[] words = text.Split(' ');
        string After(params string[] keys) => words[Array.FindIndex(words, keys.Contains) + 1];
        string id = After("--comment").Trim('"')["scanengine:".Length..];
        string? peer = words.Any(static word => word is "-s" or "-d") ? PeerAddresses.Plain(After("-s", "-d")) : Any;
        return $"{id} {(words[0] == "INPUT" ? RuleFlow.In : RuleFlow.Out)} {peer} {After("--dport")}";
    }).Order()];

    private ToolResult Run(ToolCall call)
    {
        if (First(call) is { } answer)
        {
            return answer;
        }

        if (call.Tool == "sh")
        {
            return Undo(call.Arguments[4]);
        }

        if (call.Tool == "iptables")
        {
            _writes.Add(call);
        }

        string rest = string.Join(' ', call.Arguments.Skip(2));
        switch (call.Tool, call.Arguments.ElementAtOrDefault(1))
        {
            case ("iptables-save", _):
                return new ToolResult(
                    true, 0, $"*filter\n:INPUT DROP [0:0]\n:OUTPUT {(DeniesOutbound ? "DROP" : "ACCEPT")} [0:0]\n"
                    + string.Concat(Rules.Select(static rule => $"-A {rule}\n")) + "COMMIT\n");
            case ("iptables", "-I"):
                Rules.Insert(0, rest);
                return new ToolResult(true, 0, string.Empty);
            case ("iptables", "-D"):
                return new ToolResult(true, Rules.Remove(rest) ? 0 : 1, string.Empty);
            default:
                return new ToolResult(true, 0, string.Empty);
        }
    }

    // What the process of the undo does with its file: an argument a line, a blank line after each call.
    private ToolResult Undo(string steps)
    {
        var words = new List<string>();
        foreach (string line in File.ReadAllLines(steps))
        {
            if (line.Length > 0)
            {
                words.Add(line);
                continue;
            }

            Run(words[0] == UndoScript.Insert
                ? new ToolCall(words[1], ["-w", "-I", words[2], .. words[4..]])
                : new ToolCall(words[0], words[1..]));
            words.Clear();
        }

        File.Delete(steps);
        return new ToolResult(true, 0, string.Empty);
    }
}
