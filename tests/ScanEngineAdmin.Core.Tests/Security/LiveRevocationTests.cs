using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Pairing;
using ScanEngineAdmin.Core.Tests.EndToEnd;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Storage;

namespace ScanEngineAdmin.Core.Tests.Security;

/// <summary>
/// An admin's session (here as another process has it: a store of its own, and the doorbell) ends a pairing: what is
/// open goes at once. The nodes do not look at their stores by themselves here, so only the ring can have done it.
/// </summary>
[Trait("Speed", "Slow")]
public sealed class LiveRevocationTests
{
    private static readonly TimeSpan NeverByItself = TimeSpan.FromHours(1);

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task An_engine_that_is_unregistered_loses_its_channel_and_its_scan_at_once(CommunicationDirection way)
    {
        await using NodePair pair = await ActiveAsync(way);
        using var targets = new ScanTargets();
        await RunningAsync(pair, targets);
        PeerChannel atEngine = Assert.Single(pair.EngineNode!.Links.FindSession(pair.PairingId)!.Channels.Open);
        Task closed = ClosedAsync(pair);
        using ConsoleAdmin elsewhere = ConsoleAdmin.Open(pair.ConsoleFolder, new SqliteStoreProvider());

        elsewhere.UnregisterEngine(pair.PairingId);

        await closed.WaitAsync(NodePair.Patience);
        Assert.Equal(RefusalCode.Revoked, atEngine.Fault?.Refusal?.Code);
        Assert.Null(pair.Console.Store.GetEngine(pair.PairingId));
        Assert.Empty(pair.Console.Store.ListScans());
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_console_that_is_denied_loses_its_channel_and_its_scans_at_once(CommunicationDirection way)
    {
        await using NodePair pair = await ActiveAsync(way);
        using var targets = new ScanTargets();
        await targets.HeldAsync(pair);
        await pair.UntilEngineStoreAsync(() => $"{targets.Open} open", static open => open == "1 open");
        PeerChannel atConsole = Assert.Single(pair.ConsoleNode!.Links.Find(pair.PairingId)!.Channels.Open);
        Task closed = ClosedAsync(pair);
        using EngineAdmin elsewhere = EngineAdmin.Open(pair.EngineFolder, new SqliteStoreProvider());

        elsewhere.DenyConsole(pair.PairingId);

        await closed.WaitAsync(NodePair.Patience);
        Assert.Equal(RefusalCode.Denied, atConsole.Fault?.Refusal?.Code);
        await pair.UntilEngineStoreAsync(() => $"{targets.Open} open", static open => open == "0 open");
        Assert.Equal(ConsoleState.Denied, pair.AtEngine.State);
        await pair.UntilEngineAsync(now => !now.Connected);
    }

    /// <summary>The console pairs again, as a new pairing: what it had open under the old one is not part of that.</summary>
    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_pairing_that_is_replaced_at_the_engine_loses_its_channel_and_its_scans_at_once(
        CommunicationDirection way)
    {
        await using NodePair pair = await ActiveAsync(way);
        using var targets = new ScanTargets();
        await targets.HeldAsync(pair);
        await pair.UntilEngineStoreAsync(() => $"{targets.Open} open", static open => open == "1 open");
        PeerChannel atConsole = Assert.Single(pair.ConsoleNode!.Links.Find(pair.PairingId)!.Channels.Open);
        ConsoleRecord former = pair.AtEngine;
        using EngineAdmin elsewhere = EngineAdmin.Open(pair.EngineFolder, new SqliteStoreProvider());

        new EngineLedger(elsewhere.Store, TimeProvider.System).Record(new PairedPeer
        {
            PairingId = Guid.NewGuid(),
            Epoch = 1,
            PeerRole = NodeRole.Console,
            PeerNodeId = former.ConsoleId!.Value,
            PeerName = former.Name,
            PeerFingerprint = Assert.Single(former.Pins),
            EngineName = NodePair.Name,
            Direction = way,
            Product = "1",
        });
        elsewhere.SetPolicy(elsewhere.GetPolicy());

        await atConsole.Completion.WaitAsync(NodePair.Patience);
        Assert.Equal(RefusalCode.Revoked, atConsole.Fault?.Refusal?.Code);
        await pair.UntilEngineStoreAsync(() => $"{targets.Open} open", static open => open == "0 open");
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_key_that_is_no_longer_pinned_loses_its_channel_at_once(CommunicationDirection way)
    {
        await using NodePair pair = await ActiveAsync(way);
        Task closed = ClosedAsync(pair);
        using NodeIdentity other = NodeIdentity.Create(Guid.NewGuid(), TimeProvider.System);
        using ConsoleAdmin elsewhere = ConsoleAdmin.Open(pair.ConsoleFolder, new SqliteStoreProvider());

        elsewhere.Store.UpdateEngine(pair.PairingId, engine => engine with { Pins = [other.Fingerprint] });
        elsewhere.SetEngine(pair.PairingId, "renamed", null, null);

        await closed.WaitAsync(NodePair.Patience);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task Who_was_thrown_out_is_told_so_when_it_dials_again(CommunicationDirection way)
    {
        await using NodePair pair = await ActiveAsync(way);
        using var dialler = new DialledPeer(pair, way);
        bool consoleDials = way == CommunicationDirection.ConsoleToEngine;
        if (consoleDials)
        {
            await pair.StopConsoleAsync();
            pair.Engine.DenyConsole(pair.PairingId);
        }
        else
        {
            await pair.StopEngineAsync();
            pair.Console.UnregisterEngine(pair.PairingId);
        }

        ChannelException refused = await Assert.ThrowsAsync<ChannelException>(() => dialler.OpenAsync());

        Assert.Equal(consoleDials ? RefusalCode.Denied : RefusalCode.Revoked, refused.Refusal?.Code);
    }

    private static Task<NodePair> ActiveAsync(CommunicationDirection way) => NodePair.ActiveAsync(
        way,
        console => console with { StoreCheck = NeverByItself },
        engine => engine with { StoreCheck = NeverByItself });

    private static async Task RunningAsync(NodePair pair, ScanTargets targets)
    {
        ScanRecord scan = pair.Console.Scans.Add(pair.PairingId, targets.Lasting(seconds: 120));
        await pair.UntilScanAsync(scan.ScanId, now => now is { State: ScanState.Running, FindingCount: > 0 });
    }

    /// <summary>Both ends have seen the channel go.</summary>
    private static Task ClosedAsync(NodePair pair)
    {
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int ends = 0;
        pair.Logged = entry =>
        {
            if (entry.Event == "ChannelClosed" && Interlocked.Increment(ref ends) == 2)
            {
                closed.TrySetResult();
            }
        };
        return closed.Task;
    }
}
