using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Domain.Directions;

namespace ScanEngineAdmin.Core.Tests.EndToEnd;

/// <summary>
/// Whoever dials in a pair (the console, or the reverse engine), played: it has the key and says what a test says.
/// </summary>
internal sealed class DialledPeer : IPeerHandler, IDisposable
{
    private readonly ChannelRuntime _runtime = new(NodePair.Patient);
    private readonly NodeIdentity _identity;
    private readonly NodePair _pair;
    private readonly bool _console;
    private readonly Guid _id;

    public DialledPeer(NodePair pair, CommunicationDirection way)
    {
        _pair = pair;
        _console = way == CommunicationDirection.ConsoleToEngine;
        (_id, _identity) = IdentityFile.LoadOrCreate(
            _console ? pair.ConsoleFolder.Console : pair.EngineFolder.Engine, TimeProvider.System);
    }

    public Task<PeerChannel> OpenAsync(bool probe = false)
    {
        (IPEndPoint at, Fingerprint pin) = _console
            ? (_pair.EngineNode!.EndPoint!, _pair.EngineNode.Fingerprint)
            : (_pair.ConsoleNode!.EndPoint, _pair.ConsoleNode.Fingerprint);
        PeerHello hello = PlayedPeer.Hello(
            _pair, _pair.AtEngine.Direction, _console ? NodeRole.Console : NodeRole.Engine, _id, probe);
        return new ChannelDialer(_identity, _runtime).OpenChannelAsync(
            new DialTarget($"{at.Address}", at.Port, [pin]), hello, this, CancellationToken.None)
            .WaitAsync(NodePair.Patience);
    }

    public ValueTask<ReadOnlyMemory<byte>> OnRequestAsync(
        PeerChannel channel, ushort method, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
        new(WireJson.Write(new Done()));

    public Task OnStreamAsync(PeerChannel channel, ChannelStream stream, CancellationToken cancellationToken) =>
        Task.CompletedTask;

    public void Dispose()
    {
        _identity.Dispose();
        _runtime.Dispose();
    }
}
