using System.Net;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Engine;
using ScanEngineAdmin.Core.Pairing;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Storage;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.EndToEnd;

/// <summary>A further engine of a pair's console, with a folder and an address of its own, behind a relay.</summary>
internal sealed class PoolMemberNode : IAsyncDisposable
{
    private readonly NodePair _pair;
    private readonly TemporaryFolder _host = new();
    private readonly SqliteStoreProvider _stores = new();
    private readonly DataFolder _folder;
    private readonly EngineNodeOptions _options;
    private EngineNode? _node;

    private PoolMemberNode(NodePair pair)
    {
        var own = new OwnLoopback();
        _pair = pair;
        _folder = DataFolder.Resolve(_host.Path);
        Admin = EngineAdmin.Open(_folder, _stores);
        _options = pair.EngineOptions with { Listen = new IPEndPoint(own.At(2), 0) };
        ToEngine = new Relay(own.At(3), () => _node?.EndPoint);
        ToConsole = new Relay(own.At(4), () => pair.ConsoleNode?.EndPoint);
    }

    public EngineAdmin Admin { get; }

    public Relay ToEngine { get; }

    public Relay ToConsole { get; }

    public Guid PairingId { get; private set; }

    public static async Task<PoolMemberNode> StartAsync(NodePair pair, string name, CommunicationDirection way)
    {
        var member = new PoolMemberNode(pair);
        await member.StartAsync();
        if (way == CommunicationDirection.ConsoleToEngine)
        {
            PairingSecret secret = member.Admin.CreateSecret(TimeSpan.FromMinutes(5), name, singleUse: true).Secret;
            member.PairingId = (await pair.Console.RegisterEngineAsync(
                name, member.ToEngine.Host, member.ToEngine.EndPoint.Port, secret, CancellationToken.None)).PairingId;
        }
        else
        {
            PairingSecret secret = pair.Console.CreateSecret(TimeSpan.FromMinutes(5), name, singleUse: true).Secret;
            member.PairingId = (await member.Admin.PairAsync(
                member.ToConsole.Host,
                member.ToConsole.EndPoint.Port,
                secret,
                name,
                TimeSpan.FromSeconds(1),
                CancellationToken.None)).PairingId;
        }

        await pair.Console.WaitEngineAsync(
            member.PairingId,
            engine => engine.Status == CommunicationStatus.Active,
            NodePair.Patience,
            null,
            CancellationToken.None);
        return member;
    }

    public async Task StartAsync() => _node = await EngineNode.StartAsync(
        _folder, _stores, _options, entry => _pair.Log.Enqueue(entry), CancellationToken.None)
        .WaitAsync(NodePair.Patience);

    public async Task StopAsync()
    {
        await _node!.DisposeAsync().AsTask().WaitAsync(NodePair.Patience);
        _node = null;
    }

    public async ValueTask DisposeAsync()
    {
        if (_node is not null)
        {
            await StopAsync();
        }

        await ToEngine.DisposeAsync();
        await ToConsole.DisposeAsync();
        Admin.Dispose();
        _host.Dispose();
    }
}
