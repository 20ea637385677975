using System.Net;
using System.Text;
using Newtonsoft.Json.Linq;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Direction;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Core.Scans;

namespace ScanEngineAdmin.Core.Tests.EndToEnd;

/// <summary>
/// The pair's engine as one of before: it does not say that it knows a scan's later terms, and runs every scan from its
/// first unit. It takes the place of the real one, which must have been stopped.
/// </summary>
internal sealed class OlderEngine : IPeerHandler, IAsyncDisposable
{
    private readonly NodePair _pair;
    private readonly ChannelRuntime _runtime = new(ChannelOptions.Default);
    private readonly NodeIdentity _identity;
    private readonly Guid _id;
    private ChannelListener? _listener;
    private PeerChannel? _channel;
    private Task _sending = Task.CompletedTask;

    private OlderEngine(NodePair pair)
    {
        _pair = pair;
        (_id, _identity) = IdentityFile.LoadOrCreate(pair.EngineFolder.Engine, TimeProvider.System);
    }

    /// <summary>Of the ScanStart that came.</summary>
    public IReadOnlyList<string> Members { get; private set; } = [];

    /// <summary>Findings that the console had when the scan began anew here.</summary>
    public long FirstUnits { get; private set; }

    public static async Task<OlderEngine> StartAsync(NodePair pair, CommunicationDirection way)
    {
        var engine = new OlderEngine(pair);
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

    public ValueTask<ReadOnlyMemory<byte>> OnRequestAsync(
        PeerChannel channel, ushort method, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        switch (method)
        {
            case Methods.ScanSync:
                return new(WireJson.Write(new ScanSyncReply { Missing = [] }));
            case Methods.ScanStart:
                var start = JObject.Parse(Encoding.UTF8.GetString(body.Span));
                Members = start.Properties().Select(member => member.Name).ToList();
                _sending = SendAsync(channel, WireJson.Read<ScanStart>(body));
                break;
        }

        return new(WireJson.Write(new Done()));
    }

    public Task OnStreamAsync(PeerChannel channel, ChannelStream stream, CancellationToken cancellationToken) =>
        Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _sending.WaitAsync(NodePair.Patience);
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
            ScanTerms = false,
        }.ToProperties(),
    };

    private async Task SendAsync(PeerChannel channel, ScanStart start)
    {
        FirstUnits = _pair.Console.Store.GetScan(start.ScanId)!.FindingCount;
        var plan = ScanPlan.Create(start.ToRequest());
        await using ChannelStream stream = await channel.OpenStreamAsync(Methods.ScanDataStream, default, default);
        await ScanDataWriter.WriteBatchAsync(stream, start.ScanId, start.Attempt, Batch(plan, 1, 40), default);
        ScanBatch last = Batch(plan, 2, (int)plan.Units) with { Final = ScanState.Completed };
        await ScanDataWriter.WriteBatchAsync(stream, start.ScanId, start.Attempt, last, default);
        var reader = new ScanDataReader(stream);
        for (int i = 0; i < 2; i++)
        {
            Assert.Equal(BatchOutcome.Stored, (await reader.ReadAcknowledgementAsync(default))!.Outcome);
        }
    }

    private static ScanBatch Batch(ScanPlan plan, long number, int upTo) => new()
    {
        Number = number,
        Findings = Enumerable.Range(0, upTo)
            .Select(i => new Finding(i, plan.Targets[0], plan.Ports[i], PortState.Closed, null, null)).ToList(),
        Cursor = upTo,
        TargetsTotal = 1,
        TargetsDone = upTo == plan.Units ? 1 : 0,
    };
}
