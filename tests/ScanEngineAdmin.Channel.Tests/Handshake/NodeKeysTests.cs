using System.Net;

namespace ScanEngineAdmin.Channel.Tests.Handshake;

/// <summary>One node with two identities, while its certificate is replaced.</summary>
public sealed class NodeKeysTests : IAsyncDisposable
{
    private readonly NodeIdentity _old = NodeIdentity.Create(Guid.NewGuid(), TimeProvider.System);
    private readonly NodeIdentity _new = NodeIdentity.Create(Guid.NewGuid(), TimeProvider.System);
    private readonly Node _acceptor = new(NodeRole.Console);
    private readonly Node _dialler = new(NodeRole.Engine);
    private readonly NodeKeys _keys;
    private readonly List<Fingerprint> _met = [];
    private readonly List<Fingerprint> _shown = [];
    private readonly ChannelListener _listener;

    public NodeKeysTests()
    {
        _keys = new NodeKeys(_old);
        _listener = ChannelListener.Start(new IPEndPoint(IPAddress.Loopback, 0), _keys, _acceptor.Runtime, DecideAsync);
    }

    public async ValueTask DisposeAsync()
    {
        await _listener.DisposeAsync();
        await _dialler.DisposeAsync();
        await _acceptor.DisposeAsync();
        _keys.Dispose();
        _old.Dispose();
        _new.Dispose();
    }

    [Fact]
    public async Task A_dialler_is_shown_the_identity_it_expects_on_every_connection()
    {
        _keys.Set(_new, _old, showsOther: true);
        for (int round = 0; round < 3; round++)
        {
            Assert.Equal(_old.Fingerprint, await MeetAsync(_old.Fingerprint));
            Assert.Equal(_new.Fingerprint, await MeetAsync(_new.Fingerprint));
            Assert.Equal(_new.Fingerprint, await MeetAsync(_old.Fingerprint, _new.Fingerprint));
        }

        Assert.Equal(_old.Fingerprint, _shown[0]);
        Assert.Equal(_new.Fingerprint, _shown[1]);
    }

    [Fact]
    public async Task Before_the_switch_the_present_one_is_shown_whatever_is_expected()
    {
        _keys.Set(_old, _new, showsOther: false);

        Assert.Equal(_old.Fingerprint, await MeetAsync(_old.Fingerprint, _new.Fingerprint));
        await NotTrustedAsync(_new.Fingerprint);
    }

    [Fact]
    public async Task The_exchange_needs_no_restart_and_leaves_open_channels_alone()
    {
        PeerChannel before = await OpenAsync(_old.Fingerprint);
        _keys.Set(_new, _old, showsOther: true);
        Assert.Equal(_new.Fingerprint, await MeetAsync(_new.Fingerprint));
        _keys.Set(_new, null, showsOther: false);

        await before.PingAsync(CancellationToken.None).WaitAsync(Node.Patience);
        await NotTrustedAsync(_old.Fingerprint);
        await before.DisposeAsync();
    }

    [Fact]
    public async Task A_dialler_that_names_neither_identity_is_shown_the_present_one()
    {
        _keys.Set(_new, _old, showsOther: true);
        await NotTrustedAsync(_dialler.Identity.Fingerprint);
        Assert.Same(_new, _keys.For("unknown.scanengine.invalid"));
        Assert.Same(_new, _keys.For(string.Empty));
        Assert.Same(_new, _keys.For(null));
    }

    [Fact]
    public async Task A_dialler_may_show_another_identity_than_its_own_and_the_acceptor_decides_by_that()
    {
        await using PeerChannel channel = await _dialler.Dialer.OpenChannelAsync(
            _new, _dialler.At(_listener, _old.Fingerprint), _dialler.Hello, new Node.NoHandler(),
            CancellationToken.None)
            .WaitAsync(Node.Patience);

        Assert.Equal(_new.Fingerprint, channel.Peer.ShownFingerprint);
        Assert.Equal(_new.Fingerprint, Assert.Single(_met));
    }

    private async Task DecideAsync(IncomingPeer peer, CancellationToken cancellationToken)
    {
        _met.Add(peer.Fingerprint);
        _shown.Add(peer.ShownFingerprint);
        await peer.WelcomeAsync(_acceptor.Hello, new Node.NoHandler(), cancellationToken);
    }

    private Task<PeerChannel> OpenAsync(params Fingerprint[] pins) => _dialler.OpenAsync(_dialler.At(_listener, pins));

    private async Task<Fingerprint> MeetAsync(params Fingerprint[] pins)
    {
        await using PeerChannel channel = await OpenAsync(pins);
        await channel.PingAsync(CancellationToken.None).WaitAsync(Node.Patience);
        return channel.Peer.Fingerprint;
    }

    private async Task NotTrustedAsync(Fingerprint expected) => Assert.Equal(
        ChannelFault.PeerNotTrusted, (await _dialler.FailAsync(_dialler.At(_listener, expected))).Fault);
}
