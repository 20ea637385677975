using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Domain.Directions;
using Queues = System.Threading.Channels.Channel;

namespace ScanEngineAdmin.Core.Tests.EndToEnd;

/// <summary>
/// An engine in the middle of a change: it opens the new way beside the old one, and does not
/// acknowledge the outcome until the test says so. It tells over which channel the console reconciles.
/// </summary>
internal sealed class TwoWayEngine : PlayedNode
{
    private readonly System.Threading.Channels.Channel<PeerChannel> _reconciled =
        Queues.CreateUnbounded<PeerChannel>();

    private readonly TaskCompletionSource _acknowledge = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly int _port;
    private Task _opening = Task.CompletedTask;
    private Guid? _change;

    private TwoWayEngine(NodePair pair)
        : base(pair, NodeRole.Engine)
    {
        pair.StandIn = Listen();
        _port = pair.StandIn.Port;
    }

    protected override HelloFacts Facts => base.Facts with { ChangeId = _change };

    public static async Task<TwoWayEngine> StartAsync(NodePair pair, CommunicationDirection way)
    {
        var engine = new TwoWayEngine(pair);
        if (way == CommunicationDirection.EngineToConsole)
        {
            await engine.DialAsync();
        }

        return engine;
    }

    /// <summary>The channel over which the console reconciles next.</summary>
    public Task<PeerChannel> ReconciledAsync() =>
        _reconciled.Reader.ReadAsync().AsTask().WaitAsync(NodePair.Patience);

    /// <summary>From now on it acknowledges what the console has decided.</summary>
    public void Acknowledge() => _acknowledge.TrySetResult();

    public override async ValueTask<ReadOnlyMemory<byte>> OnRequestAsync(
        PeerChannel channel, ushort method, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        switch (method)
        {
            case Methods.ScanSync:
                _reconciled.Writer.TryWrite(channel);
                return WireJson.Write(new ScanSyncReply { Missing = [] });
            case Methods.DirectionPrepare:
                DirectionPrepare prepare = WireJson.Read<DirectionPrepare>(body);
                _change = prepare.ChangeId;
                bool dials = prepare.To == CommunicationDirection.EngineToConsole;
                _opening = dials ? DialAsync() : Task.CompletedTask;
                return WireJson.Write(new DirectionPrepared { ListenPort = dials ? null : _port });
            case Methods.DirectionOutcome:
                await _acknowledge.Task.WaitAsync(cancellationToken);
                break;
        }

        return WireJson.Write(new Done());
    }

    public override async ValueTask DisposeAsync()
    {
        Acknowledge();
        await _opening.WaitAsync(NodePair.Patience);
        await base.DisposeAsync();
    }
}
