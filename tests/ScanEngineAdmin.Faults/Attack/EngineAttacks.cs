using System.Buffers.Binary;
using System.Diagnostics;
using Newtonsoft.Json.Linq;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Console;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Faults.Attack;

/// <summary>A paired engine that is hostile to its console.</summary>
internal static class EngineAttacks
{
    private const long MostGrowth = 96L * 1024 * 1024;

    public static IReadOnlyList<AttackCase> All { get; } =
    [
        new("data of another's scan", OthersScanAsync),
        new("findings nobody asked for", (stage) => ForgedAsync(stage, batch => batch with
        {
            Findings = [new Finding(1_000_000, "10.9.9.9", 22, PortState.Open, null, null)],
        })),
        new("findings of other targets", (stage) => ForgedAsync(stage, batch => batch with
        {
            Findings = [new Finding(0, "10.9.9.9", 1, PortState.Open, null, null)],
        })),
        new("absurd cursor and totals", (stage) => ForgedAsync(
            stage, batch => batch with { Cursor = long.MaxValue, TargetsTotal = long.MaxValue })),
        new("escapes in details and banners", EscapesAsync),
        new("batches that say nothing", stage => EmptyBatchesAsync(stage, _ => Batch())),
        new("batches that say the same again", stage => EmptyBatchesAsync(stage, _ => Batch() with
        {
            Findings = [new Finding(0, $"{stage.At(9)}", 1, PortState.Closed, null, null)],
        })),
        new("128 streams of scan data", stage => StreamsAsync(stage, Methods.ScanDataStream)),
        new("128 large requests", stage => StreamsAsync(stage, Methods.LargeRequestStream)),
        new("poll flood", PollFloodAsync),
        new("requests of no number", UnknownAsync),
        new("streams of no kind", KindlessAsync),
        new("results of a scan that was removed, again", ReplayedAsync),
        new("channels that do nothing", ProbesAsync),
        new("numbers without measure, by an engine", ExtremesAsync),
    ];

    public static async Task<(Attacker Attacker, PeerChannel Channel, Guid PairingId)> HostileAsync(
        AttackStage stage, string name = "hostile")
    {
        EngineAdmin admin = stage.NewEngine();
        Guid pairingId = (await stage.PairReverseAsync(admin, name)).PairingId;
        Attacker attacker = Attacker.Of(NodeRole.Engine, admin.Folder.Engine);
        return (attacker, await DialAsync(stage, attacker), pairingId);
    }

    public static Task<PeerChannel> DialAsync(AttackStage stage, Attacker attacker, HelloFacts? facts = null) =>
        attacker.DialAsync(stage.ConsoleNode.EndPoint, stage.ConsoleNode.Fingerprint, facts: facts);

    public static async Task<BatchOutcome> SendAsync(
        PeerChannel channel, Guid scanId, ScanBatch batch, int attempt = 1)
    {
        await using (ChannelStream stream = await channel.OpenStreamAsync(
            Methods.ScanDataStream, default, CancellationToken.None))
        {
            await ScanDataWriter.WriteBatchAsync(stream, scanId, attempt, batch, CancellationToken.None);
            BatchAcknowledgement? answer = await new ScanDataReader(stream)
                .ReadAcknowledgementAsync(CancellationToken.None).AsTask().WaitAsync(AttackStage.Patience);
            return answer?.Outcome ?? throw new AttackException("No acknowledgement came.");
        }
    }

    public static ScanBatch Batch() =>
        new() { Number = 1, Cursor = 0, TargetsTotal = 1, TargetsDone = 0, Findings = [] };

    private static async Task<string> OthersScanAsync(AttackStage stage)
    {
        (Attacker attacker, PeerChannel channel, _) = await HostileAsync(stage);
        using Attacker own = attacker;
        ScanRecord theirs = stage.Console.Scans.Add(stage.ReverseId, stage.Request() with { MaxRate = 1 });
        BatchOutcome outcome = await SendAsync(channel, theirs.ScanId, Batch() with
        {
            Final = ScanState.Failed,
            Detail = "forged",
        });
        Attacker.Expect(BatchOutcome.Fenced, outcome);
        ScanRecord done = await stage.Console.Scans.WaitAsync(
            theirs.ScanId, AttackStage.Patience, null, CancellationToken.None);
        Attacker.Expect((ScanState.Completed, string.Empty), (done.State, done.Detail));
        return $"{outcome}, and the other's scan completed";
    }

    private static async Task<(Attacker Attacker, PeerChannel Channel, ScanRecord Scan)> DispatchedAsync(
        AttackStage stage)
    {
        (Attacker attacker, PeerChannel channel, Guid pairingId) = await HostileAsync(stage);
        ScanRecord scan = stage.Console.Scans.Add(pairingId, stage.Request());
        await AttackStage.UntilAsync(
            () => stage.Console.Store.GetScan(scan.ScanId)!.State == ScanState.Dispatched, "not dispatched");
        return (attacker, channel, scan);
    }

    private static async Task<string> ForgedAsync(AttackStage stage, Func<ScanBatch, ScanBatch> forge)
    {
        (Attacker attacker, PeerChannel channel, ScanRecord scan) = await DispatchedAsync(stage);
        using Attacker own = attacker;
        BatchOutcome outcome = await SendAsync(channel, scan.ScanId, forge(Batch()));
        ScanRecord now = stage.Console.Store.GetScan(scan.ScanId)!;
        Attacker.Expect((BatchOutcome.Fenced, ScanState.Failed, 0L), (outcome, now.State, (long)now.FindingCount));
        return $"{outcome}; {now.Detail}";
    }

    private static async Task<string> EscapesAsync(AttackStage stage)
    {
        (Attacker attacker, PeerChannel channel, ScanRecord scan) = await DispatchedAsync(stage);
        using Attacker own = attacker;
        await SendAsync(channel, scan.ScanId, Batch() with
        {
            Final = ScanState.Failed,
            Detail = "x\n\u001b[2J\u202e",
            Findings = [new Finding(0, $"{stage.At(9)}", 1, PortState.Open, null, "b\u001b]0;x\u0007\r\n")],
        });
        ScanRecord now = stage.Console.Store.GetScan(scan.ScanId)!;
        string? banner = stage.Console.Store.ReadFindings(scan.ScanId).Single().Banner;
        return PeerText.IsLine(now.Detail, 4096) && PeerText.IsLine(banner, 4096)
            ? "blanks in their place"
            : throw new AttackException("An escape was stored.");
    }

    /// <summary>Each is a transaction of the console's store.</summary>
    private static async Task<string> EmptyBatchesAsync(AttackStage stage, Func<long, ScanBatch> make)
    {
        (Attacker attacker, PeerChannel channel, ScanRecord scan) = await DispatchedAsync(stage);
        using Attacker own = attacker;
        long size = new FileInfo(StoreOf(stage)).Length;
        (long taken, TimeSpan time) = await FloodAsync(
            channel, scan.ScanId, make, outcome => Attacker.Expect(BatchOutcome.Stored, outcome));
        long grown = new FileInfo(StoreOf(stage)).Length - size;
        Paced(taken, time);
        return grown < 1024 * 1024
            ? $"{taken} taken in {time.TotalSeconds:0} s, and the store is no larger"
            : throw new AttackException($"The store has grown by {grown} bytes.");
    }

    /// <summary>For some seconds, over one stream, each as soon as the one before was answered.</summary>
    public static async Task<(long Taken, TimeSpan Time)> FloodAsync(
        PeerChannel channel, Guid scanId, Func<long, ScanBatch> make, Action<BatchOutcome?> answered)
    {
        long began = Stopwatch.GetTimestamp();
        long number = 0;
        await using (ChannelStream stream = await channel.OpenStreamAsync(
            Methods.ScanDataStream, default, CancellationToken.None))
        {
            var reader = new ScanDataReader(stream);
            while (Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(5))
            {
                await ScanDataWriter.WriteBatchAsync(
                    stream, scanId, 1, make(++number) with { Number = number }, CancellationToken.None);
                answered((await reader.ReadAcknowledgementAsync(CancellationToken.None).AsTask()
                    .WaitAsync(AttackStage.Patience))?.Outcome);
            }
        }

        return (number, Stopwatch.GetElapsedTime(began));
    }

    /// <summary>A fifth of a second's worth may come at once, and the first brings something.</summary>
    public static void Paced(long taken, TimeSpan time)
    {
        double most = ((time.TotalSeconds + 0.2) * ScanDataReceiver.EmptyBatchesPerSecond) + 2;
        if (taken > most)
        {
            throw new AttackException($"{taken} batches were taken in {time.TotalSeconds:0.0} s.");
        }
    }

    private static string StoreOf(AttackStage stage) => Path.Combine(stage.Console.Folder.Console, "store.db");

    private static async Task<string> StreamsAsync(AttackStage stage, ushort kind)
    {
        (Attacker attacker, PeerChannel channel, _) = await HostileAsync(stage);
        using Attacker own = attacker;
        long before = GC.GetTotalMemory(forceFullCollection: true);
        byte[] piece = new byte[192 * 1024];
        BinaryPrimitives.WriteInt32BigEndian(piece, ScanDataReader.MaxBatch);
        var streams = new List<ChannelStream>();
        int ended = 0;
        for (int i = 0; i < 128; i++)
        {
            ChannelStream stream = await channel.OpenStreamAsync(kind, new byte[] { 0, 1 }, CancellationToken.None);
            streams.Add(stream);
            try
            {
                await stream.WriteAsync(piece, CancellationToken.None).AsTask().WaitAsync(AttackStage.Patience);
            }
            catch (ChannelException)
            {
                ended++;
            }
        }

        await AttackStage.UntilAsync(() => streams.Count(stream => IsReset(stream)) >= 120, "the streams stay open");
        long grown = GC.GetTotalMemory(forceFullCollection: true) - before;
        return grown < MostGrowth
            ? $"all but a few reset, {grown / 1024 / 1024} MiB grown"
            : throw new AttackException($"grown by {grown}");
    }

    private static bool IsReset(ChannelStream stream)
    {
        ValueTask write = stream.WriteAsync(ReadOnlyMemory<byte>.Empty, CancellationToken.None);
        return write.IsCompleted ? write.AsTask().IsFaulted : false;
    }

    private static async Task<string> PollFloodAsync(AttackStage stage)
    {
        (Attacker attacker, PeerChannel channel, _) = await HostileAsync(stage);
        using Attacker own = attacker;
        var poll = new PollRequest { IntervalSeconds = 1, RunningScans = 0 };
        for (int turn = 0; turn < 100; turn++)
        {
            await Task.WhenAll(Enumerable.Range(0, 200).Select(_ =>
                channel.AskAsync<PollReply>(Methods.Poll, poll, CancellationToken.None)));
        }

        return "20000 polls were answered";
    }

    private static async Task<string> UnknownAsync(AttackStage stage)
    {
        (Attacker attacker, PeerChannel channel, _) = await HostileAsync(stage);
        using Attacker own = attacker;
        ushort[] bodiless = [Methods.CertificateNonce, Methods.CertificateSettle];
        foreach (ushort method in Enumerable.Range(0, 64).Select(number => (ushort)number).Except(bodiless))
        {
            RequestCode code = await Attacker.AnsweredAsync(() =>
                channel.AskAsync<Done>(method, new Done(), CancellationToken.None));
            bool known = method is Methods.Poll or Methods.ConsoleReachability or Methods.ProbeYou
                or Methods.CertificateAnnounce or Methods.ScanHeld;
            Attacker.Expect(known ? RequestCode.Malformed : RequestCode.UnknownMethod, code);
        }

        return "UnknownMethod or Malformed, 62 times";
    }

    private static async Task<string> KindlessAsync(AttackStage stage)
    {
        (Attacker attacker, PeerChannel channel, _) = await HostileAsync(stage);
        using Attacker own = attacker;
        var streams = new List<ChannelStream>();
        for (ushort kind = 3; kind < 67; kind++)
        {
            streams.Add(await channel.OpenStreamAsync(kind, default, CancellationToken.None));
        }

        await AttackStage.UntilAsync(() => streams.TrueForAll(IsReset), "a stream of no kind stays open");
        await channel.PingAsync(CancellationToken.None).WaitAsync(AttackStage.Patience);
        return $"{streams.Count} reset, and the channel lives";
    }

    private static async Task<string> ReplayedAsync(AttackStage stage)
    {
        (Attacker attacker, PeerChannel channel, ScanRecord scan) = await DispatchedAsync(stage);
        using Attacker own = attacker;
        ScanBatch batch = Batch() with
        {
            Final = ScanState.Completed,
            Findings = [new Finding(0, $"{stage.At(9)}", 1, PortState.Open, null, "x")],
        };
        Attacker.Expect(BatchOutcome.Stored, await SendAsync(channel, scan.ScanId, batch));
        Attacker.Expect(BatchOutcome.Fenced, await SendAsync(channel, scan.ScanId, batch));
        stage.Console.Scans.Remove(scan.ScanId);
        foreach (int attempt in (int[])[1, 2, int.MaxValue])
        {
            Attacker.Expect(BatchOutcome.Fenced, await SendAsync(channel, scan.ScanId, batch, attempt));
        }

        Attacker.Expect(0, stage.Console.Store.ReadFindings(scan.ScanId).Count());
        return "Fenced, whatever attempt it says";
    }

    private static async Task<string> ExtremesAsync(AttackStage stage)
    {
        (Attacker attacker, PeerChannel channel, ScanRecord scan) = await DispatchedAsync(stage);
        using Attacker own = attacker;
        string said = await Attacker.ExtremesAsync(
            channel,
            (Methods.Poll, JObject.Parse("""{"intervalSeconds":1,"runningScans":1}""")),
            (Methods.ScanHeld, JObject.Parse($$"""{"scanId":"{{scan.ScanId:D}}","attempt":1,"held":false}""")),
            (Methods.ConsoleReachability, JObject.Parse(
                """{"direction":"EngineToConsole","port":1,"withinSeconds":1,"look":false,"fillAnswer":1}""")),
            (Methods.ProbeYou, JObject.Parse("""{"direction":"ConsoleToEngine","port":1,"timeoutMs":1}""")));
        Attacker.Expect(BatchOutcome.Fenced, await SendAsync(channel, scan.ScanId, Batch(), attempt: int.MinValue));
        Attacker.Expect(BatchOutcome.Fenced, await SendAsync(
            channel, scan.ScanId, Batch() with { Number = long.MaxValue }));
        return said;
    }

    private static async Task<string> ProbesAsync(AttackStage stage)
    {
        (Attacker attacker, _, _) = await HostileAsync(stage);
        using Attacker own = attacker;
        var open = new List<PeerChannel>();
        Refusal? refused = null;
        while (refused is null && open.Count < 64)
        {
            try
            {
                open.Add(await DialAsync(stage, attacker, new HelloFacts { Probe = true }));
            }
            catch (ChannelException e) when (e.Refusal is { } refusal)
            {
                refused = refusal;
            }
        }

        RequestCode code = await Attacker.AnsweredAsync(() => open[0].AskAsync<PollReply>(
            Methods.Poll, new PollRequest { IntervalSeconds = 1, RunningScans = 0 }, CancellationToken.None));
        Attacker.Expect((RefusalCode.Busy, RequestCode.UnknownMethod), (refused?.Code ?? default, code));
        return $"{open.Count} probes, then {refused!.Code}; a probe may ask for nothing";
    }
}
