using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Directions;

namespace ScanEngineAdmin.Faults.Attack;

/// <summary>A paired peer that says what is allowed, without end: rows, events and numbers that are used up.</summary>
internal static class WearAttacks
{
    private const int MostChanges = 20;
    private const int MostEvents = 220;

    public static IReadOnlyList<AttackCase> All { get; } =
    [
        new("proposals without end", ProposalsAsync),
        new("epochs without end", EpochsAsync),
        new("outcomes without end", OutcomesAsync),
        new("outcomes that turn epochs back", EpochBackAsync),
    ];

    private static async Task<string> ProposalsAsync(AttackStage stage)
    {
        (Attacker attacker, PeerChannel first, Guid pairingId) =
            await EngineAttacks.HostileAsync(stage).ConfigureAwait(false);
        using Attacker own = attacker;
        await first.DisposeAsync().ConfigureAwait(false);
        PeerChannel channel = await attacker.DialAsync(
            stage.ConsoleNode.EndPoint, stage.ConsoleNode.Fingerprint, new Unwilling()).ConfigureAwait(false);
        var poll = new PollRequest
        {
            IntervalSeconds = 1,
            RunningScans = 0,
            Proposal = CommunicationDirection.ConsoleToEngine,
        };

        // Twice as many as may be taken up, each after the one before was ended.
        for (int turn = 0; turn < 2 * MostChanges; turn++)
        {
            await Task.Delay(60).ConfigureAwait(false); // A poll that comes sooner is answered without a look.
            await channel.AskAsync<PollReply>(Methods.Poll, poll, CancellationToken.None).ConfigureAwait(false);
            await AttackStage.UntilAsync(
                () => stage.Console.Store.ListChanges(pairingId, openOnly: true).Count == 0, "a change stays open")
                .ConfigureAwait(false);
        }

        int changes = stage.Console.Store.ListChanges(pairingId).Count;
        return changes <= MostChanges
            ? $"{changes} of {2 * MostChanges} taken up"
            : throw new AttackException($"{changes} changes were written down");
    }

    private static async Task<string> EpochsAsync(AttackStage stage)
    {
        (Attacker attacker, _, Guid pairingId) = await EngineAttacks.HostileAsync(stage).ConfigureAwait(false);
        using Attacker own = attacker;
        for (int epoch = 100; epoch < 100 + MostEvents + 80; epoch++)
        {
            try
            {
                await using PeerChannel channel = await EngineAttacks.DialAsync(stage, attacker, new HelloFacts
                {
                    PairingId = pairingId,
                    Direction = CommunicationDirection.EngineToConsole,
                    Epoch = epoch,
                }).ConfigureAwait(false);
            }
            catch (ChannelException exception) when (exception.Refusal?.Code == RefusalCode.Busy)
            {
                // Faster than the console takes channels in.
            }
        }

        return Events(stage.Console.Store.ListEvents(10_000).Count(one => one.PairingId == pairingId));
    }

    private static async Task<string> OutcomesAsync(AttackStage stage)
    {
        (Attacker attacker, PeerChannel channel, Guid pairingId) =
            await ConsoleAttacks.HostileAsync(stage).ConfigureAwait(false);
        using Attacker own = attacker;
        long epoch = stage.Standard.Store.GetConsole(pairingId)!.Epoch;
        for (int turn = 0; turn < MostEvents + 80; turn++)
        {
            await TellAsync(channel, Guid.NewGuid(), epoch + turn, CommunicationDirection.ConsoleToEngine)
                .ConfigureAwait(false);
        }

        // Nothing is news in these, so nothing is written of them.
        int before = stage.Log.Count;
        for (int turn = 0; turn < 100; turn++)
        {
            await TellAsync(channel, Guid.NewGuid(), epoch + MostEvents + 79, CommunicationDirection.ConsoleToEngine)
                .ConfigureAwait(false);
        }

        int lines = stage.Log.Skip(before).Count(entry => entry.Event == "DirectionConcluded");
        Attacker.Expect(0, lines);
        return Events(stage.Standard.Store.ListEvents(10_000).Count(one => one.PairingId == pairingId));
    }

    private static async Task<string> EpochBackAsync(AttackStage stage)
    {
        (Attacker attacker, PeerChannel channel, Guid pairingId) =
            await ConsoleAttacks.HostileAsync(stage).ConfigureAwait(false);
        using Attacker own = attacker;
        ConsoleRecord At() => stage.Standard.Store.GetConsole(pairingId)!;
        await TellAsync(channel, Guid.NewGuid(), 50, CommunicationDirection.ConsoleToEngine).ConfigureAwait(false);
        var prepare = new DirectionPrepare
        {
            ChangeId = Guid.NewGuid(),
            Epoch = 51,
            To = CommunicationDirection.EngineToConsole,
            ConsoleAddress = "192.0.2.1",
            ConsolePort = 40815,
        };
        await channel.AskAsync<DirectionPrepared>(Methods.DirectionPrepare, prepare, CancellationToken.None)
            .ConfigureAwait(false);
        foreach (long absurd in new[] { -1, long.MinValue, HelloFacts.MaxEpoch + 1, long.MaxValue })
        {
            RequestCode code = await Attacker.AnsweredAsync(() =>
                TellAsync(channel, prepare.ChangeId, absurd, CommunicationDirection.ConsoleToEngine))
                .ConfigureAwait(false);
            Attacker.Expect((absurd, RequestCode.Malformed), (absurd, code));
        }

        await TellAsync(channel, prepare.ChangeId, 7, CommunicationDirection.ConsoleToEngine).ConfigureAwait(false);
        Attacker.Expect((null, true), (At().ChangeId, At().Epoch >= 50));
        return $"Malformed, and the epoch stays at {At().Epoch}";
    }

    private static Task<Done> TellAsync(
        PeerChannel channel, Guid changeId, long epoch, CommunicationDirection direction) =>
        channel.AskAsync<Done>(
            Methods.DirectionOutcome,
            new DirectionOutcome { ChangeId = changeId, Epoch = epoch, Direction = direction },
            CancellationToken.None);

    private static string Events(int events) => events <= MostEvents
        ? $"{events} audit events"
        : throw new AttackException($"{events} audit events were written about one pairing");

    /// <summary>Refuses every change at once, so that the next one can be proposed.</summary>
    private sealed class Unwilling : IPeerHandler
    {
        public ValueTask<ReadOnlyMemory<byte>> OnRequestAsync(
            PeerChannel channel, ushort method, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
            method switch
            {
                Methods.DirectionPrepare => throw new PeerRequestException((int)RequestCode.Stale, "no"),
                Methods.ScanSync => new(WireJson.Write(new ScanSyncReply { Missing = [] })),
                _ => new(WireJson.Write(new Done())),
            };

        public Task OnStreamAsync(PeerChannel channel, ChannelStream stream, CancellationToken cancellationToken) =>
            Task.CompletedTask;
    }
}
