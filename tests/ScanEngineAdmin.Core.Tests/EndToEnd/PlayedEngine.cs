using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Newtonsoft.Json.Linq;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Scanning.Plan;

namespace ScanEngineAdmin.Core.Tests.EndToEnd;

/// <summary>
/// An engine that answers a scan with batches that the test makes up, and can be one of the version before, which does
/// not say that it knows a scan's later terms.
/// </summary>
internal sealed class PlayedEngine : PlayedNode
{
    private readonly bool _terms;
    private readonly SemaphoreSlim _synced = new(0);
    private readonly Func<ScanStart, ScanPlan, IEnumerable<ScanBatch>> _play;
    private PeerChannel? _channel;
    private ChannelStream? _stream;
    private ScanStart? _started;
    private Task _sending = Task.CompletedTask;

    private PlayedEngine(NodePair pair, bool terms, Func<ScanStart, ScanPlan, IEnumerable<ScanBatch>> play)
        : base(pair, NodeRole.Engine)
    {
        _terms = terms;
        _play = play;
    }

    /// <summary>Of the ScanStart that came last.</summary>
    public IReadOnlyList<string> Members { get; private set; } = [];

    /// <summary>Of the ScanStop that came last.</summary>
    public IReadOnlyList<string> Asked { get; private set; } = [];

    /// <summary>Of every ScanStart that came.</summary>
    public ConcurrentQueue<Guid> Started { get; } = new();

    /// <summary>What the ScanSync that came last listed.</summary>
    public IReadOnlyList<Guid> Listed { get; private set; } = [];

    /// <summary>Its disk is full: it takes on nothing, and has nothing.</summary>
    public bool IsFull { get; set; }

    /// <summary>Before it says what time it is.</summary>
    public Action? AskedForTime { get; set; }

    /// <summary>What it says to a stop.</summary>
    public Func<ScanPlan, ScanBatch>? Stopped { get; init; }

    /// <summary>What the console is to say to each batch.</summary>
    public BatchOutcome Expected { get; init; } = BatchOutcome.Stored;

    protected override string Product => "0.9";

    protected override HelloFacts Facts => base.Facts with
    {
        ScanTerms = _terms,
        ScanExclude = _terms,
        ScanSuspend = _terms,
        ScanLease = _terms,
        FindingOrigins = _terms,
        ScanScanner = _terms,
    };

    /// <summary>
    /// The engine is of a version that counted a lease from when it read the order, under the name "scan-lease".
    /// </summary>
    public bool CountsFromTheOrder { get; init; }

    /// <summary>Runs before a ScanSync is answered.</summary>
    public Action? Syncing { get; set; }

    protected override IReadOnlyDictionary<string, string> Properties => !CountsFromTheOrder
        ? base.Properties
        : base.Properties.ToDictionary(
            fact => fact.Key == "lease-clock" ? "scan-lease" : fact.Key, fact => fact.Value);

    public static async Task<PlayedEngine> StartAsync(
        NodePair pair,
        CommunicationDirection way,
        bool terms,
        Func<ScanStart, ScanPlan, IEnumerable<ScanBatch>> play,
        Func<ScanPlan, ScanBatch>? stopped = null,
        bool fenced = false,
        bool countsFromTheOrder = false)
    {
        var engine = new PlayedEngine(pair, terms, play)
        {
            Stopped = stopped,
            CountsFromTheOrder = countsFromTheOrder,
            Expected = fenced ? BatchOutcome.Fenced : BatchOutcome.Stored,
        };
        if (way == CommunicationDirection.ConsoleToEngine)
        {
            IPEndPoint at = engine.Listen(channel => engine._channel = channel);
            pair.Console.SetEngine(pair.PairingId, null, $"{at.Address}", at.Port);
        }
        else
        {
            engine._channel = await engine.DialAsync();
        }

        return engine;
    }

    /// <summary>Its channel ends, and another one is opened by the side that dials; returns after its ScanSync.</summary>
    public async Task ReconnectAsync(CommunicationDirection way)
    {
        PeerChannel before = await OpenedAsync();

        // What was stored is acknowledged a moment later.
        await _sending.WaitAsync(NodePair.Patience);
        while (_synced.Wait(0))
        {
        }

        _stream = null;
        await before.DisposeAsync();
        if (way == CommunicationDirection.EngineToConsole)
        {
            _channel = await DialAsync();
        }

        Assert.True(await _synced.WaitAsync(NodePair.Patience));
    }

    /// <summary>The channel, once there is one.</summary>
    public async Task<PeerChannel> OpenedAsync()
    {
        using var patience = new CancellationTokenSource(NodePair.Patience);
        while (_channel is null)
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        return _channel;
    }

    /// <summary>Says one thing again and again, as a hostile engine would; how often it was heard.</summary>
    public async Task<int> FloodAsync(ScanHeld notice, int times)
    {
        PeerChannel channel = await OpenedAsync();
        int heard = 0;
        for (int i = 0; i < times; i++)
        {
            try
            {
                await channel.AskAsync<Done>(Methods.ScanHeld, notice with { Held = i % 2 == 0 }, default);
                heard++;
            }
            catch (ChannelException exception) when (exception.PeerCode == (int)RequestCode.Busy)
            {
                // That is what is to happen.
            }
        }

        return heard;
    }

    public override ValueTask<ReadOnlyMemory<byte>> OnRequestAsync(
        PeerChannel channel, ushort method, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        switch (method)
        {
            case Methods.ScanSync:
                bool hasNone = IsFull;
                Syncing?.Invoke();
                Listed = [.. WireJson.Read<ScanSync>(body).Scans.Select(scan => scan.ScanId)];
                _synced.Release();
                return new(WireJson.Write(new ScanSyncReply { Missing = hasNone ? Listed : [] }));
            case Methods.LeaseClock:
                AskedForTime?.Invoke();
                return new(WireJson.Write(new LeaseClockTime { NowMs = Environment.TickCount64 }));
            case Methods.ScanStop when _started is { } running:
                Asked = MembersOf(body);
                _sending = SendAsync(channel, running, _sending, plan => [Stopped!(plan)]);
                break;
            case Methods.ScanStart:
                Members = MembersOf(body);
                ScanStart taken = WireJson.Read<ScanStart>(body);
                Started.Enqueue(taken.ScanId);
                if (IsFull)
                {
                    throw new PeerRequestException((int)RequestCode.StoreFault, "The disk is full.");
                }

                _started = taken;
                _sending = SendAsync(channel, taken, _sending, plan => _play(taken, plan));
                break;
        }

        return new(WireJson.Write(new Done()));
    }

    public override async ValueTask DisposeAsync()
    {
        await _sending.WaitAsync(NodePair.Patience);
        if (_stream is not null)
        {
            await _stream.DisposeAsync();
        }

        if (_channel is not null)
        {
            await _channel.DisposeAsync();
        }

        _synced.Dispose();

        await base.DisposeAsync();
    }

    private static List<string> MembersOf(ReadOnlyMemory<byte> body) =>
        [.. JObject.Parse(Encoding.UTF8.GetString(body.Span)).Properties().Select(member => member.Name)];

    private async Task SendAsync(
        PeerChannel channel, ScanStart start, Task before, Func<ScanPlan, IEnumerable<ScanBatch>> play)
    {
        await before;
        _stream ??= await channel.OpenStreamAsync(Methods.ScanDataStream, default, default);
        var reader = new ScanDataReader(_stream);
        foreach (ScanBatch batch in play(ScanPlan.Create(start.ToRequest())))
        {
            await ScanDataWriter.WriteBatchAsync(_stream, start.ScanId, start.Attempt, batch, default);
            Assert.Equal(Expected, (await reader.ReadAcknowledgementAsync(default))!.Outcome);
        }
    }

    /// <summary>Of a scan of one target: the units from one up to another, all closed.</summary>
    public static ScanBatch Batch(ScanPlan plan, long number, long from, long upTo) => new()
    {
        Number = number,
        Findings = Enumerable.Range((int)from, (int)(upTo - from))
            .Select(i => new Finding(i, plan.Targets[0], plan.Ports[i], PortState.Closed, null, null)).ToList(),
        Cursor = upTo,
        TargetsTotal = 1,
        TargetsDone = upTo == plan.Units ? 1 : 0,
    };
}
