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

    /// <summary>What it says to a stop.</summary>
    public Func<ScanPlan, ScanBatch>? Stopped { get; init; }

    protected override string Product => "0.9";

    protected override HelloFacts Facts => base.Facts with { ScanTerms = _terms, ScanExclude = _terms };

    public static async Task<PlayedEngine> StartAsync(
        NodePair pair,
        CommunicationDirection way,
        bool terms,
        Func<ScanStart, ScanPlan, IEnumerable<ScanBatch>> play,
        Func<ScanPlan, ScanBatch>? stopped = null)
    {
        var engine = new PlayedEngine(pair, terms, play) { Stopped = stopped };
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
                return new(WireJson.Write(new ScanSyncReply { Missing = [] }));
            case Methods.ScanStop when _started is { } running:
                _sending = SendAsync(channel, running, _sending, plan => [Stopped!(plan)]);
                break;
            case Methods.ScanStart:
                var start = JObject.Parse(Encoding.UTF8.GetString(body.Span));
                Members = start.Properties().Select(member => member.Name).ToList();
                ScanStart taken = WireJson.Read<ScanStart>(body);
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

        await base.DisposeAsync();
    }

    private async Task SendAsync(
        PeerChannel channel, ScanStart start, Task before, Func<ScanPlan, IEnumerable<ScanBatch>> play)
    {
        await before;
        _stream ??= await channel.OpenStreamAsync(Methods.ScanDataStream, default, default);
        var reader = new ScanDataReader(_stream);
        foreach (ScanBatch batch in play(ScanPlan.Create(start.ToRequest())))
        {
            await ScanDataWriter.WriteBatchAsync(_stream, start.ScanId, start.Attempt, batch, default);
            Assert.Equal(BatchOutcome.Stored, (await reader.ReadAcknowledgementAsync(default))!.Outcome);
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
