using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Pairing;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Pairing;

/// <summary>
/// The role is the user's: an engine that dials its console (reverse), or a console that dials its engine.
/// </summary>
public sealed class PairingExchangeTests : IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(3);
    private readonly ManualTime _time = new();
    private readonly List<PairingNode> _nodes = [];

    public void Dispose() => _nodes.ForEach(node => node.Dispose());

    [Theory]
    [InlineData(NodeRole.Engine)]
    [InlineData(NodeRole.Console)]
    public async Task Both_sides_record_the_same_pairing(NodeRole role)
    {
        (PairingNode user, PairingNode maker) = Nodes(role);

        PairedPeer peer = await PairAsync(user, maker, maker.Secret());

        PairingNode console = role == NodeRole.Console ? user : maker;
        PairingNode engine = role == NodeRole.Console ? maker : user;
        EngineRecord recorded = Assert.Single(console.Console!.ListEngines());
        ConsoleRecord known = Assert.Single(engine.Engine!.ListConsoles());
        CommunicationDirection direction = role == NodeRole.Console
            ? CommunicationDirection.ConsoleToEngine
            : CommunicationDirection.EngineToConsole;
        Assert.Equal(peer.PairingId, recorded.PairingId);
        Assert.Equal(peer.PairingId, known.PairingId);
        Assert.Equal((EngineState.Paired, ConsoleState.Paired), (recorded.State, known.State));
        Assert.Equal((direction, direction), (recorded.Direction, known.Direction));
        Assert.Equal(engine.Self.Fingerprint, Assert.Single(recorded.Pins));
        Assert.Equal(console.Self.Fingerprint, Assert.Single(known.Pins));
        Assert.Equal(engine.Self.NodeId, recorded.EngineId);
        Assert.Equal(console.Self.NodeId, known.ConsoleId);
        Assert.Equal(("lab", "lab"), (recorded.Name, known.EngineName));
        Assert.Equal(role == NodeRole.Console ? "192.0.2.1" : null, recorded.Address);
        Assert.Equal(role == NodeRole.Engine ? "192.0.2.1" : null, known.Address);
        Assert.Equal(CommunicationStatus.Unknown, recorded.Status);
    }

    [Theory]
    [InlineData(NodeRole.Engine)]
    [InlineData(NodeRole.Console)]
    public async Task A_wrong_secret_is_refused_and_nothing_is_recorded(NodeRole role)
    {
        (PairingNode user, PairingNode maker) = Nodes(role);
        maker.Secret();

        await RefusedAsync(RefusalCode.SecretWrong, user, maker, PairingSecret.Create(maker.Self.Fingerprint));
    }

    [Theory]
    [InlineData(NodeRole.Engine)]
    [InlineData(NodeRole.Console)]
    public async Task An_expired_or_revoked_secret_says_so(NodeRole role)
    {
        (PairingNode user, PairingNode maker) = Nodes(role);
        PairingSecret revoked = maker.Secret();
        PairingSecret expired = maker.Secret();
        maker.Store.RevokeSecret(revoked.SecretId, _time.GetUtcNow());
        await RefusedAsync(RefusalCode.SecretRevoked, user, maker, revoked);
        _time.Advance(TimeSpan.FromHours(2));

        await RefusedAsync(RefusalCode.SecretExpired, user, maker, expired);
    }

    [Theory]
    [InlineData(NodeRole.Engine)]
    [InlineData(NodeRole.Console)]
    public async Task A_single_use_secret_serves_one_node_again_and_no_other(NodeRole role)
    {
        (PairingNode user, PairingNode maker) = Nodes(role);
        PairingNode other = Node(role);
        PairingSecret secret = maker.Secret(singleUse: true);

        // The last answer is lost: the maker has recorded the pairing, the user has not.
        MessagePair cut = Connect(user, maker);
        cut.Tamper = text => cut.Crossed.Count == 4 ? null : text;
        await Assert.ThrowsAsync<ChannelException>(() => PairAsync(user, maker, secret, connection: cut));
        Assert.Empty(user.Pairings());
        Guid first = Assert.Single(maker.Pairings());

        await RefusedAsync(RefusalCode.SecretUsed, other, maker, secret, engineName: "other");
        PairedPeer peer = await PairAsync(user, maker, secret);

        Assert.Equal(peer.PairingId, Assert.Single(maker.Pairings()));
        Assert.Equal(peer.PairingId, Assert.Single(user.Pairings()));
        if (role == NodeRole.Engine)
        {
            Assert.Equal(first, peer.PairingId);
        }
    }

    /// <summary>Both have proved the secret before either use is counted.</summary>
    [Theory]
    [InlineData(NodeRole.Engine)]
    [InlineData(NodeRole.Console)]
    public async Task Of_two_that_show_a_used_up_secret_at_once_its_maker_is_told_once(NodeRole role)
    {
        (PairingNode user, PairingNode maker) = Nodes(role);
        PairingSecret secret = maker.Secret(singleUse: true);
        await PairAsync(user, maker, secret);
        using var together = new Barrier(2);
        maker.Calling = call => Assert.True(call != nameof(INodeStore.UseSecret) || together.SignalAndWait(Bound));
        PairingNode[] late = [Node(role), Node(role)];

        await Task.WhenAll(late.Select((other, i) => Task.Run(async () =>
        {
            ChannelException fault = await Assert.ThrowsAsync<ChannelException>(
                () => PairAsync(other, maker, secret, $"late-{i}"));
            Assert.Equal(RefusalCode.SecretUsed, fault.Refusal!.Code);
        })));

        Assert.Equal(2, maker.Store.GetSecret(secret.SecretId)!.Refused);
        Assert.Single(maker.Store.ListEvents(100), line => line.Event == Events.SecretOverused);
    }

    /// <summary>The count and what is told of it are one transaction.</summary>
    [Theory]
    [InlineData(NodeRole.Engine)]
    [InlineData(NodeRole.Console)]
    public async Task A_maker_whose_store_fails_between_count_and_note_is_told_all_the_same(NodeRole role)
    {
        (PairingNode user, PairingNode maker) = Nodes(role);
        PairingSecret secret = maker.Secret(singleUse: true);
        await PairAsync(user, maker, secret);
        maker.Calling = call =>
        {
            if (call == nameof(INodeStore.AddEvent))
            {
                throw new ScanEngineException(FaultCode.StoreFull, "There is no room.", "Make some.");
            }
        };

        await Assert.ThrowsAsync<ChannelException>(() => PairAsync(Node(role), maker, secret, "late"));
        maker.Calling = _ => { };
        await RefusedAsync(RefusalCode.SecretUsed, Node(role), maker, secret, "later");

        Assert.Single(maker.Store.ListEvents(100), line => line.Event == Events.SecretOverused);
    }

    [Theory]
    [InlineData(NodeRole.Engine, null)]
    [InlineData(NodeRole.Engine, "lab")]
    [InlineData(NodeRole.Console, null)]
    [InlineData(NodeRole.Console, "lab")]
    public async Task A_used_secret_gives_the_pairing_to_no_other_key_whatever_id_it_claims(
        NodeRole role, string? bound)
    {
        (PairingNode user, PairingNode maker) = Nodes(role);
        PairingSecret secret = maker.Secret(bound, singleUse: true);
        await PairAsync(user, maker, secret);
        PairingNode thief = Node(role, user.Self.NodeId);

        await RefusedAsync(
            bound is null ? RefusalCode.IdentityConflict : RefusalCode.SecretUsed, thief, maker, secret);

        Fingerprint pin = Assert.Single(maker.Console?.ListEngines()[0].Pins ?? maker.Engine!.ListConsoles()[0].Pins);
        Assert.Equal(user.Self.Fingerprint, pin);
    }

    [Theory]
    [InlineData(NodeRole.Engine)]
    [InlineData(NodeRole.Console)]
    public async Task A_bound_secret_serves_its_engine_only(NodeRole role)
    {
        (PairingNode user, PairingNode maker) = Nodes(role);
        PairingSecret secret = maker.Secret("bound");

        await RefusedAsync(RefusalCode.SecretBound, user, maker, secret, "lab");
        await PairAsync(user, maker, secret, "bound");

        Assert.Single(maker.Pairings());
    }

    [Theory]
    [InlineData(NodeRole.Engine)]
    [InlineData(NodeRole.Console)]
    public async Task Recorded_messages_played_again_are_refused(NodeRole role)
    {
        (PairingNode user, PairingNode maker) = Nodes(role);
        MessagePair recorded = Connect(user, maker);
        await PairAsync(user, maker, maker.Secret(), connection: recorded);

        // The thief even shows the right fingerprint; the maker's fresh nonce is what the old proof does not cover.
        MessagePair again = Connect(user, maker);
        Task<PairingVerdict> verdict = maker.Acceptor.AcceptAsync(again.Maker, CancellationToken.None);
        foreach (string message in new[] { recorded.Crossed[0], recorded.Crossed[2] })
        {
            await again.User.SendAsync(System.Text.Encoding.UTF8.GetBytes(message), CancellationToken.None);
        }

        Assert.Equal(RefusalCode.SecretWrong, (await verdict.WaitAsync(Bound)).Refused!.Code);
    }

    [Theory]
    [InlineData(NodeRole.Engine)]
    [InlineData(NodeRole.Console)]
    public async Task Somebody_in_between_with_certificates_of_his_own_fails_on_both_sides(NodeRole role)
    {
        (PairingNode user, PairingNode maker) = Nodes(role);
        PairingSecret secret = maker.Secret();
        Fingerprint his = Node(role).Self.Fingerprint;

        // The user looks at the pin first: not a word is said.
        var toUser = new MessagePair(user.Self.Fingerprint, seenByUser: his);
        ScanEngineException fault = await Assert.ThrowsAsync<ScanEngineException>(
            () => user.User.PairAsync(toUser.User, secret, "lab", Target(his), CancellationToken.None));
        Assert.Equal(FaultCode.PeerNotTrusted, fault.Code);
        Assert.Empty(toUser.Crossed);

        // Were the pin not looked at, the maker would still see another certificate than the user proved with.
        var toMaker = new MessagePair(seenByMaker: his, seenByUser: maker.Self.Fingerprint);
        await RefusedAsync(RefusalCode.SecretWrong, user, maker, secret, connection: toMaker);
    }

    [Fact]
    public async Task Another_holder_of_a_secret_for_many_cannot_play_its_maker()
    {
        (PairingNode user, PairingNode maker) = Nodes(NodeRole.Engine);
        PairingSecret secret = maker.Secret();
        PairingNode thief = Node(NodeRole.Console);
        thief.Store.AddSecret(secret.ToRecord(_time.GetUtcNow(), TimeSpan.FromHours(1), null, 20));

        ScanEngineException fault =
            await Assert.ThrowsAsync<ScanEngineException>(() => PairAsync(user, thief, secret));

        Assert.Equal(FaultCode.PeerNotTrusted, fault.Code);
        Assert.Empty(thief.Pairings());
    }

    [Theory]
    [InlineData(NodeRole.Engine)]
    [InlineData(NodeRole.Console)]
    public async Task A_maker_that_cannot_prove_itself_is_not_recorded(NodeRole role)
    {
        (PairingNode user, PairingNode maker) = Nodes(role);
        MessagePair pair = Connect(user, maker);
        string wrong = Convert.ToBase64String(new byte[32]);
        pair.Tamper = text => pair.Crossed.Count == 4 ? $$"""{"proof":"{{wrong}}"}""" : text;

        ScanEngineException fault = await Assert.ThrowsAsync<ScanEngineException>(
            () => PairAsync(user, maker, maker.Secret(), connection: pair));

        Assert.Equal(FaultCode.PeerNotTrusted, fault.Code);
        Assert.Empty(user.Pairings());
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("{}")]
    [InlineData("[[[[[[[[[[]]]]]]]]]]")]
    [InlineData("""{"$type":"System.Object","nodeId":"x"}""")]
    public async Task What_is_no_pairing_is_refused_without_an_echo(string message)
    {
        (PairingNode user, PairingNode maker) = Nodes(NodeRole.Engine);
        MessagePair pair = Connect(user, maker);
        Task<PairingVerdict> verdict = maker.Acceptor.AcceptAsync(pair.Maker, CancellationToken.None);

        await pair.User.SendAsync(System.Text.Encoding.UTF8.GetBytes(message), CancellationToken.None);

        Refusal refusal = (await verdict.WaitAsync(Bound)).Refused!;
        Assert.Equal(RefusalCode.BadHello, refusal.Code);
        Assert.DoesNotContain(message, refusal.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(NodeRole.Engine)]
    [InlineData(NodeRole.Console)]
    public async Task Two_of_a_kind_are_never_paired(NodeRole role)
    {
        PairingNode maker = Node(role);

        await RefusedAsync(RefusalCode.WrongRole, Node(role), maker, maker.Secret());
    }

    private PairingNode Node(NodeRole role, Guid? nodeId = null)
    {
        var node = new PairingNode(role, _time, nodeId);
        _nodes.Add(node);
        return node;
    }

    private (PairingNode User, PairingNode Maker) Nodes(NodeRole user) =>
        (Node(user), Node(user == NodeRole.Console ? NodeRole.Engine : NodeRole.Console));

    private static MessagePair Connect(PairingNode user, PairingNode maker) =>
        new(user.Self.Fingerprint, maker.Self.Fingerprint);

    private static DialTarget Target(Fingerprint pin) => new("192.0.2.1", 40815, [pin]);

    private static async Task<PairedPeer> PairAsync(
        PairingNode user,
        PairingNode maker,
        PairingSecret secret,
        string engineName = "lab",
        MessagePair? connection = null)
    {
        MessagePair pair = connection ?? Connect(user, maker);
        Task<PairingVerdict> verdict = maker.Acceptor.AcceptAsync(pair.Maker, CancellationToken.None);
        PairedPeer peer = await user.User
            .PairAsync(pair.User, secret, engineName, Target(secret.Maker), CancellationToken.None).WaitAsync(Bound);
        Assert.True((await verdict.WaitAsync(Bound)).Paired);
        return peer;
    }

    private static async Task RefusedAsync(
        RefusalCode code,
        PairingNode user,
        PairingNode maker,
        PairingSecret secret,
        string engineName = "lab",
        MessagePair? connection = null)
    {
        int before = maker.Pairings().Length;
        ChannelException fault = await Assert.ThrowsAsync<ChannelException>(
            () => PairAsync(user, maker, secret, engineName, connection));
        Assert.Equal(code, fault.Refusal!.Code);
        Assert.Empty(user.Pairings());
        Assert.Equal(before, maker.Pairings().Length);
    }
}
