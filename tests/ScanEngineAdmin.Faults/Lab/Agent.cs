using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Core.Console;
using ScanEngineAdmin.Core.Diagnosis;
using ScanEngineAdmin.Core.Engine;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Core.Pairing;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Storage;

namespace ScanEngineAdmin.Faults.Lab;

/// <summary>
/// A host's process: runs its node and does what an admin would do there, as it is told on standard input. Ends with
/// it.
/// </summary>
internal sealed class Agent(NodeRole role, DataFolder folder) : IAsyncDisposable
{
    public const string Command = "agent";
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    // The channel is to stay open while it is idle: over it the other end is asked.
    private static readonly TimeSpan Long = TimeSpan.FromHours(1);

    private readonly SqliteStoreProvider _stores = new();
    private IAsyncDisposable? _node;

    public static async Task<int> RunAsync(string role, string path)
    {
        await using var agent = new Agent(Enum.Parse<NodeRole>(role), DataFolder.Resolve(path));
        while (await System.Console.In.ReadLineAsync() is { } line)
        {
            AgentAnswer answer;
            try
            {
                answer = await agent.DoAsync(AgentJson.Read<AgentAsk>(line));
            }
            catch (Exception e) when (e is ScanEngineException or ChannelException or InvalidOperationException)
            {
                answer = new AgentAnswer { Error = e.ToString() };
            }

            await System.Console.Out.WriteLineAsync(AgentJson.Write(answer));
        }

        return Program.Passed;
    }

    public async ValueTask DisposeAsync()
    {
        if (_node is not null)
        {
            await _node.DisposeAsync();
        }
    }

    private async Task<AgentAnswer> DoAsync(AgentAsk ask)
    {
        using var bound = new CancellationTokenSource(Bound);
        switch (ask.What)
        {
            case AgentAsk.Start:
                _node = role == NodeRole.Console
                    ? await ConsoleNode.StartAsync(
                        folder, _stores, new ConsoleNodeOptions { Linger = Long, ProbeInterval = Long }, Log,
                        bound.Token)
                    : await EngineNode.StartAsync(folder, _stores, new EngineNodeOptions(), Log, bound.Token);
                return new AgentAnswer();
            case AgentAsk.Pair:
                await PairAsync(ask, bound.Token);
                return new AgentAnswer();
            case AgentAsk.Test:
                return new AgentAnswer { Result = await TestAsync(ask, bound.Token) };
            default:
                return new AgentAnswer { Error = $"An agent does not know '{ask.What}'." };
        }
    }

    private static void Log(LogEntry entry) =>
        System.Console.Error.WriteLine($"{entry.Time:HH:mm:ss.fff} {entry.Level} {entry.Event}: {entry.Message}");

    private async Task PairAsync(AgentAsk ask, CancellationToken cancellationToken)
    {
        if (!PairingSecret.TryParse(ask.Secret, out PairingSecret? secret))
        {
            throw new InvalidOperationException("That is no pairing secret.");
        }

        if (role == NodeRole.Console)
        {
            using ConsoleAdmin console = ConsoleAdmin.Open(folder, _stores);
            await console.RegisterEngineAsync(ask.EngineName, ask.Address, ask.Port, secret, cancellationToken);
        }
        else
        {
            using EngineAdmin engine = EngineAdmin.Open(folder, _stores);
            await engine.PairAsync(
                ask.Address, ask.Port, secret, ask.EngineName, TimeSpan.FromSeconds(5), cancellationToken);
        }
    }

    private async Task<FirewallTestResult> TestAsync(AgentAsk ask, CancellationToken cancellationToken)
    {
        (Guid id, NodeIdentity identity) = IdentityFile.LoadOrCreate(
            role == NodeRole.Console ? folder.Console : folder.Engine, TimeProvider.System);
        using (identity)
        {
            if (role == NodeRole.Console)
            {
                using ConsoleAdmin console = ConsoleAdmin.Open(folder, _stores);
                EngineRecord engine = console.Store.ListEngines()[0];
                return await console.TestFirewallAsync(
                    Request(
                        ask, id, identity, engine.PairingId, engine.Direction,
                        engine.Address ?? engine.ObservedAddress!,
                        engine.ObservedAddress, engine.Port, [.. engine.Pins]),
                    cancellationToken);
            }

            using EngineAdmin admin = EngineAdmin.Open(folder, _stores);
            ConsoleRecord known = admin.Store.ListConsoles()[0];
            return await admin.TestFirewallAsync(
                Request(
                    ask, id, identity, known.PairingId, known.Direction, known.Address ?? known.ObservedAddress!,
                    known.ObservedAddress, known.Port, [.. known.Pins]),
                cancellationToken);
        }
    }

    private FirewallTestRequest Request(
        AgentAsk ask, Guid id, NodeIdentity identity, Guid pairing, CommunicationDirection inUse, string address,
        string? observed, int port, Fingerprint[] pins)
    {
        bool dials = role != FirewallNeed.Acceptor(ask.Direction);
        int own = role == NodeRole.Console ? WellKnownPorts.Console : WellKnownPorts.Engine;
        return new FirewallTestRequest
        {
            EngineName = ask.EngineName,
            Direction = ask.Direction,
            PairingId = ask.Alone ? null : pairing,
            Host = dials ? address : "this-host",
            Port = dials ? port : own,
            ProbePort = inUse == ask.Direction ? null : own,
            PeerAddress = observed,
            LocalRole = role,
            Identity = ask.Stranger ? null : identity,
            NodeId = ask.Stranger ? Guid.NewGuid() : id,
            Pins = pins,
            Versions = ask.OtherVersion ? (7, 9) : null,
            ListenerProcessId = _node is null ? null : Environment.ProcessId,
            Timeout = TimeSpan.FromMilliseconds(ask.TimeoutMs),
        };
    }
}
