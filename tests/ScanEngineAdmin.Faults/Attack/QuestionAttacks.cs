using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Domain.Directions;

namespace ScanEngineAdmin.Faults.Attack;

/// <summary>A paired peer that asks for what costs its node something, without end, while another one asks once.</summary>
internal static class QuestionAttacks
{
    private const int Many = 1000;
    private const int MostBefore = 50;
    private const int MostPorts = 20;

    public static IReadOnlyList<AttackCase> All { get; } =
    [
        new("questions of the way without end, by an engine", async stage =>
        {
            (Attacker attacker, PeerChannel channel, _) = await EngineAttacks.HostileAsync(stage);
            using Attacker own = attacker;
            (Attacker honest, PeerChannel other, _) = await EngineAttacks.HostileAsync(stage, "honest");
            using Attacker its = honest;
            return await AskedAsync(
                channel, other, Methods.ConsoleReachability, Way(CommunicationDirection.EngineToConsole, stage));
        }),
        new("questions of the way without end, by a console", async stage =>
        {
            (Attacker attacker, PeerChannel channel, _) = await ConsoleAttacks.HostileAsync(stage);
            using Attacker own = attacker;
            (Attacker honest, PeerChannel other, _) = await ConsoleAttacks.HostileAsync(stage);
            using Attacker its = honest;
            return await AskedAsync(
                channel, other, Methods.EngineReachability, Way(CommunicationDirection.ConsoleToEngine, stage));
        }),
        new("questions of the filter without end, by a console", async stage =>
        {
            (Attacker attacker, PeerChannel channel, _) = await ConsoleAttacks.HostileAsync(stage);
            using Attacker own = attacker;
            (Attacker honest, PeerChannel other, _) = await ConsoleAttacks.HostileAsync(stage);
            using Attacker its = honest;
            return await AskedAsync(channel, other, Methods.EngineFirewall, new HostFirewallAsk());
        }),
        new("who listens on every port, by an engine", async stage =>
        {
            (Attacker attacker, PeerChannel channel, _) = await EngineAttacks.HostileAsync(stage);
            using Attacker own = attacker;
            return await ListedAsync(
                channel, Methods.ConsoleReachability, Way(CommunicationDirection.EngineToConsole, stage));
        }),
        new("who listens on every port, by a console", async stage =>
        {
            (Attacker attacker, PeerChannel channel, _) = await ConsoleAttacks.HostileAsync(stage);
            using Attacker own = attacker;
            return await ListedAsync(
                channel, Methods.EngineReachability, Way(CommunicationDirection.ConsoleToEngine, stage));
        }),
    ];

    /// <summary>The answer names the process that has the port.</summary>
    private static async Task<string> ListedAsync(PeerChannel channel, ushort method, ReachabilityAsk sound)
    {
        int told = 0;
        for (int port = 1; port <= MostPorts + 10; port++)
        {
            byte[] body = WireJson.Write(sound with { Port = port });
            try
            {
                using Payload answer = await channel.RequestAsync(method, body, CancellationToken.None).AsTask()
                    .WaitAsync(AttackStage.Patience);
                told++;
            }
            catch (ChannelException e) when (e.PeerCode == (int)RequestCode.Busy)
            {
                break;
            }
        }

        // The node's own port is no secret.
        using (await channel.RequestAsync(method, WireJson.Write(sound), CancellationToken.None).AsTask()
            .WaitAsync(AttackStage.Patience))
        {
            Attacker.Expect(MostPorts, told);
            return $"{told} ports, then Busy";
        }
    }

    private static ReachabilityAsk Way(CommunicationDirection way, AttackStage stage) => new()
    {
        Direction = way,
        Port = way == CommunicationDirection.EngineToConsole
            ? stage.ConsoleNode.EndPoint.Port : stage.StandardNode.EndPoint!.Port,
        WithinSeconds = 1,
        Look = true,
        FillAnswer = 0,
    };

    private static async Task<string> AskedAsync(PeerChannel hostile, PeerChannel honest, ushort method, object ask)
    {
        int answered = 0;
        byte[] body = WireJson.Write(ask);
        Task[] flood = [.. Enumerable.Range(0, Many).Select(async _ =>
        {
            try
            {
                using Payload answer = await hostile.RequestAsync(method, body, CancellationToken.None);
                Interlocked.Increment(ref answered);
            }
            catch (ChannelException)
            {
                // It asked for more than is answered in time.
            }
        })];
        await AttackStage.UntilAsync(() => answered > 0, "nothing is answered");
        int before = answered;
        using (await honest.RequestAsync(method, body, CancellationToken.None).AsTask().WaitAsync(AttackStage.Patience))
        {
            int meanwhile = answered - before;
            await hostile.CloseAsync(RefusalCode.Unspecified, "done");
            await Task.WhenAll(flood).WaitAsync(AttackStage.Patience);
            return meanwhile <= MostBefore
                ? $"the other's was answered after {meanwhile} of {Many}"
                : throw new AttackException($"{meanwhile} answers went to the attacker before the other's one.");
        }
    }
}
