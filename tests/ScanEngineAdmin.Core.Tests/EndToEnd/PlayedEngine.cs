using System.Net;
using System.Text;
using Newtonsoft.Json.Linq;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Scanning.Plan;

namespace ScanEngineAdmin.Core.Tests.EndToEnd;

/// <summary>
/// The pair's engine, played: it answers a scan with batches that the test makes up, and can be one of before, which
/// does not say that it knows a scan's later terms. It takes the place of the real one, which must have been stopped.
/// </summary>
internal sealed class PlayedEngine : IPeerHandler, IAsyncDisposable
{
    private readonly NodePair _pair;
    private readonly ChannelRuntime _runtime = new(ChannelOptions.Default);
    private readonly NodeIdentity _identity;
    private readonly Guid _id;
    private readonly bool _terms;
    private readonly Func<ScanStart, ScanPlan, IEnumerable<ScanBatch>> _play;
    private ChannelListener? _listener;
    private PeerChannel? _channel;
    private ChannelStream? _stream;
    private ScanStart? _started;
    private Task _sending = Task.CompletedTask;

    private PlayedEngine(
        NodePair pair, bool terms, Func<ScanStart, ScanPlan, IEnumerable<ScanBatch>> play)
    {
        _pair = pair;
        _terms = terms;
        _play = play;
        (_id, _identity) = IdentityFile.LoadOrCreate(pair.EngineFolder.Engine, TimeProvider.System);
    }

    /// <summary>Of the ScanStart that came last.</summary>
    public IReadOnlyList<string> Members { get; private set; } = [];

    /// <summary>What it says to a stop.</summary>
    public Func<ScanPlan, ScanBatch>? Stopped { get; init; }

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
            engine._listener = ChannelListener.Start(
                new IPEndPoint(pair.EngineOptions.Listen.Address, 0),
                engine._identity,
                engine._runtime,
                async (peer, token) => engine._channel = await peer.WelcomeAsync(engine.Hello(), engine, token));
            pair.Console.SetEngine(
                pair.PairingId, null, $"{engine._listener.EndPoint.Address}", engine._listener.EndPoint.Port);
        }
        else
        {
            var target = new DialTarget(
                pair.ToConsole.Host, pair.ToConsole.EndPoint.Port, pair.AtEngine.Pins.ToList());
            engine._channel = await new ChannelDialer(engine._identity, engine._runtime)
                .OpenChannelAsync(target, engine.Hello(), engine, CancellationToken.None);
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
        int heard = 0;
        for (int i = 0; i < times; i++)
        {
            try
            {
                await _channel!.AskAsync<Done>(Methods.ScanHeld, notice with { Held = i % 2 == 0 }, default);
                heard++;
            }
            catch (ChannelException exception) when (exception.PeerCode == (int)RequestCode.Busy)
            {
                // That is what is to happen.
            }
        }

        return heard;
    }

    public ValueTask<ReadOnlyMemory<byte>> OnRequestAsync(
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

    public Task OnStreamAsync(PeerChannel channel, ChannelStream stream, CancellationToken cancellationToken) =>
        Task.CompletedTask;

    public async ValueTask DisposeAsync()
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

        if (_listener is not null)
        {
            await _listener.DisposeAsync();
        }

        _identity.Dispose();
        _runtime.Dispose();
    }

    private PeerHello Hello() => new()
    {
        Role = NodeRole.Engine,
        NodeId = _id,
        Name = NodePair.Name,
        Product = "0.9",
        BootId = Guid.NewGuid(),
        Properties = new HelloFacts
        {
            PairingId = _pair.PairingId,
            Direction = _pair.AtEngine.Direction,
            Epoch = _pair.AtEngine.Epoch,
            ScanTerms = _terms,
            ScanExclude = _terms,
        }.ToProperties(),
    };

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
