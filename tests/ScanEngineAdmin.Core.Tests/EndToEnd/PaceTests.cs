using System.Collections.Concurrent;
using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Console;
using ScanEngineAdmin.Core.Engine;
using ScanEngineAdmin.Core.Tests.Hosts;
using ScanEngineAdmin.Core.Tests.Nodes;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;

namespace ScanEngineAdmin.Core.Tests.EndToEnd;

/// <summary>
/// What a console and an engine do in a minute in which nothing happens, at the product's own times, in every state a
/// pairing can be in: the dials, the lines of the log, and the calls of the stores, with which every turn of a loop
/// begins. A loop that turns without a bound makes tens of thousands.
/// </summary>
[Trait("Speed", "Slow")]
public sealed class PaceTests
{
    private const int MostDials = 40;
    private const int MostLines = 80;

    // Each of a node's some ten loops looks at its store once in two seconds, with a few calls.
    private const int MostStoreCalls = 1800;
    private const string Idle = "is paired and idle";
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private static readonly Dictionary<string, Func<NodePair, CommunicationDirection, Task>> States = new()
    {
        ["asks an engine that is not there for approval"] = async (pair, way) =>
        {
            await pair.StopEngineAsync();
            await RegisterAsync(pair, way);
        },
        ["waits for both approvals"] = RegisterAsync,
        ["is approved on the other side only"] = async (pair, way) =>
        {
            await RegisterAsync(pair, way);
            if (way == CommunicationDirection.ConsoleToEngine)
            {
                await pair.UntilConsoleAsync(now => !now.ObservedFingerprint.IsEmpty);
                pair.Engine.ApproveConsole(pair.PairingId, pair.ConsoleNode!.Fingerprint);
            }
            else
            {
                EngineRecord asking = await AskingAsync(pair);
                pair.Console.ApproveEngine(asking.PairingId, pair.EngineNode!.Fingerprint);
            }
        },
        ["is denied by the other side"] = async (pair, way) =>
        {
            await PairedAsync(pair, way);
            pair.Engine.DenyConsole(pair.PairingId);
        },
        [Idle] = PairedAsync,
        ["cannot be reached"] = async (pair, way) =>
        {
            await PairedAsync(pair, way);
            pair.On(way).Block();
        },
        ["is reached and says nothing"] = async (pair, way) =>
        {
            await PairedAsync(pair, way);
            pair.On(way).Silence();
        },
        ["has a scan that waits for it"] = async (pair, way) =>
        {
            await PairedAsync(pair, way);
            await pair.StopEngineAsync();
            pair.Console.Scans.Add(pair.PairingId, new() { Targets = ["127.0.0.1"], Ports = "1-9" });
        },
        ["has a scan that may not run there"] = async (pair, way) =>
        {
            await PairedAsync(pair, way);
            pair.Engine.SetPolicy(new() { Deny = ["127.0.0.0/8"] });
            pair.Console.Scans.Add(pair.PairingId, new() { Targets = ["127.0.0.1"], Ports = "1-9" });
        },
        ["is unregistered"] = async (pair, way) =>
        {
            await PairedAsync(pair, way);
            pair.Console.UnregisterEngine(pair.PairingId);
        },
        ["was updated to another protocol"] = async (pair, way) =>
        {
            await PairedAsync(pair, way);
            bool console = way == CommunicationDirection.ConsoleToEngine;
            IPAddress host = (console ? pair.EngineNode!.EndPoint! : pair.ConsoleNode!.EndPoint).Address;
            NewerNode newer = console
                ? NewerNode.Of(pair.EngineFolder.Engine, NodeRole.Engine)
                : NewerNode.Of(pair.ConsoleFolder.Console, NodeRole.Console);
            await (console ? pair.StopEngineAsync() : pair.StopConsoleAsync());
            pair.StandIn = newer.Listen(new IPEndPoint(host, 0)).EndPoint;
        },
        ["is not there and another direction is wanted"] = async (pair, way) =>
        {
            await PairedAsync(pair, way);
            await pair.StopEngineAsync();
            await pair.Console.Direction.RequestOfflineAsync(
                pair.PairingId, pair.Request(Ways.Other(way)), CancellationToken.None).WaitAsync(NodePair.Patience);
        },
        ["is there, another direction is wanted and cannot be had"] = async (pair, way) =>
        {
            await PairedAsync(pair, way);
            pair.On(Ways.Other(way)).Block();
            await pair.Console.Direction.RequestOfflineAsync(
                pair.PairingId, pair.Request(Ways.Other(way)), CancellationToken.None).WaitAsync(NodePair.Patience);
        },
        ["changes its direction"] = async (pair, way) =>
        {
            await PairedAsync(pair, way);
            pair.On(Ways.Other(way)).Block();
            _ = pair.ChangeAsync(Ways.Other(way), TimeSpan.FromMinutes(10)).ContinueWith(
                static task => task.Exception, TaskScheduler.Default);
            await pair.UntilChangeAsync(now => now.State == ChangeState.Proving);
        },
        ["is in doubt about a change"] = async (pair, way) =>
        {
            await PairedAsync(pair, way);
            pair.On(Ways.Other(way)).Block();
            _ = pair.ChangeAsync(Ways.Other(way), TimeSpan.FromMinutes(10)).ContinueWith(
                static task => task.Exception, TaskScheduler.Default);
            await pair.UntilEngineAsync(now => now.ChangeId is not null);
            await pair.StopConsoleAsync();
        },
    };

    public static TheoryData<string, CommunicationDirection> All
    {
        get
        {
            var all = new TheoryData<string, CommunicationDirection>();
            foreach (string state in States.Keys)
            {
                all.Add(state, CommunicationDirection.ConsoleToEngine);
                all.Add(state, CommunicationDirection.EngineToConsole);
            }

            return all;
        }
    }

    [Theory, MemberData(nameof(All))]
    public async Task In_a_minute_no_loop_turns_without_a_bound_while_it(string state, CommunicationDirection way)
    {
        var time = new QuickTime();

        // Where a peer that says nothing is not what is tried, a machine that stands still must not make it one.
        int silence = state == Idle ? QuickTime.Factor : 1;
        await using NodePair pair = await NodePair.StartAsync(
            console => new ConsoleNodeOptions
            {
                Listen = console.Listen,
                Grace = silence * new ConsoleNodeOptions().Grace,
                Channel = Quick(console.Channel, time, silence),
            },
            engine => new EngineNodeOptions
            {
                Listen = engine.Listen,
                Channel = Quick(engine.Channel, time, silence),
            });
        var calls = new ConcurrentDictionary<string, int>();
        WatchedStores stores = await pair.WatchAsync();
        stores.OnConsole = (member, _) => calls.AddOrUpdate($"console {member}", 1, static (_, n) => n + 1);
        stores.OnEngine = (member, _) => calls.AddOrUpdate($"engine {member}", 1, static (_, n) => n + 1);
        await States[state](pair, way);

        // What has to be done for the state once is not counted.
        await Task.Delay(Minute / 6, time);
        calls.Clear();
        pair.Log.Clear();
        int dials = pair.ToEngine.Connections + pair.ToConsole.Connections;
        await Task.Delay(Minute, time);

        dials = pair.ToEngine.Connections + pair.ToConsole.Connections - dials
            + pair.Log.Count(entry => entry.Event is "DialFailed" or "PollFailed" or "RedialFailed" or "MoveFailed");
        string what = string.Join(", ", calls.OrderByDescending(call => call.Value).Select(one => $"{one}"))
            + "; "
            + string.Join(", ", pair.Log.GroupBy(entry => entry.Event).Select(all => $"{all.Key} {all.Count()}"));
        Assert.True(
            dials <= MostDials && pair.Log.Count <= MostLines && calls.Values.Sum() <= MostStoreCalls,
            $"{dials} dials, {pair.Log.Count} lines, {calls.Values.Sum()} calls: {what}");
        if (state == Idle)
        {
            // Of ten thousand engines neither each heartbeat is written, nor are all of them read at each of the 30 looks.
            // A look that finds the store being written reads them: on a busy machine some do.
            Assert.True(Most("SaveContacts") <= 3 && Most("ListEngines") <= 15, what);
        }

        int Most(string member) => calls.GetValueOrDefault($"console {member}");
    }

    /// <summary>What a busy machine is given to answer in stays what it is in real time.</summary>
    private static ChannelOptions Quick(ChannelOptions options, QuickTime time, int silence) => options with
    {
        Time = time,
        PeerTimeout = silence * options.PeerTimeout,
        ConnectTimeout = QuickTime.Factor * options.ConnectTimeout,
        HandshakeTimeout = QuickTime.Factor * options.HandshakeTimeout,
        RequestTimeout = QuickTime.Factor * options.RequestTimeout,
        SendTimeout = QuickTime.Factor * options.SendTimeout,
    };

    private static async Task PairedAsync(NodePair pair, CommunicationDirection way)
    {
        await pair.PairAsync(way);
        await pair.ActiveAsync();
    }

    /// <summary>Without a secret: each side has to approve the other.</summary>
    private static Task RegisterAsync(NodePair pair, CommunicationDirection way)
    {
        if (way == CommunicationDirection.ConsoleToEngine)
        {
            pair.Is(pair.Console.RegisterEngine(
                NodePair.Name, pair.ToEngine.Host, pair.ToEngine.EndPoint.Port, null).PairingId);
        }
        else
        {
            pair.Engine.RegisterConsole(
                pair.ToConsole.Host, pair.ToConsole.EndPoint.Port, NodePair.Name, TimeSpan.FromSeconds(30));
        }

        return Task.CompletedTask;
    }

    private static async Task<EngineRecord> AskingAsync(NodePair pair)
    {
        using var patience = new CancellationTokenSource(NodePair.Patience);
        while (true)
        {
            if (pair.Console.Store.ListEngines() is [{ } asking, ..])
            {
                return asking;
            }

            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
