using System.Text;
using Newtonsoft.Json.Linq;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Scanning.Targets;

namespace ScanEngineAdmin.Faults.Attack;

/// <summary>A paired console that is hostile to an engine.</summary>
internal static class ConsoleAttacks
{
    public static IReadOnlyList<AttackCase> All { get; } =
    [
        new("walking round the target policy", PolicyAsync),
        new("a flood of scans", ScanFloodAsync),
        new("absurd scans", AbsurdAsync),
        new("synchronisation of thousands", SyncAsync),
        new("hostile changes of direction", DirectionAsync),
        new("numbers without measure, by a console", ExtremesAsync),
    ];

    public static async Task<(Attacker Attacker, PeerChannel Channel, Guid PairingId)> HostileAsync(AttackStage stage)
    {
        ConsoleAdmin admin = stage.NewConsole();
        var secret = stage.Standard.CreateSecret(TimeSpan.FromMinutes(5), null, singleUse: true).Secret;
        Guid pairingId = (await admin.RegisterEngineAsync(
            "victim", $"{stage.At(2)}", stage.StandardNode.EndPoint!.Port, secret, CancellationToken.None)).PairingId;
        Attacker attacker = Attacker.Of(NodeRole.Console, admin.Folder.Console);
        return (attacker, await DialAsync(stage, attacker), pairingId);
    }

    public static Task<PeerChannel> DialAsync(AttackStage stage, Attacker attacker) =>
        attacker.DialAsync(stage.StandardNode.EndPoint!, stage.StandardNode.Fingerprint);

    private static ScanStart Start(params string[] targets) => new()
    {
        ScanId = Guid.NewGuid(),
        Attempt = 1,
        Targets = targets,
        Ports = "1",
        TimeoutMs = 1000,
        Parallelism = 1,
        MaxRate = 1,
        BannerTimeoutMs = 0,
    };

    private static async Task<string> PolicyAsync(AttackStage stage)
    {
        stage.Standard.SetPolicy(new TargetPolicy { Deny = ["10.0.0.0/8", "127.0.0.1", "::1"] });
        (Attacker attacker, PeerChannel channel, _) = await HostileAsync(stage);
        using Attacker own = attacker;
        string[] ways =
        [
            "10.1.2.3", "9.255.255.255-10.0.0.0", "::ffff:10.1.2.3", "::ffff:0a01:0203", "64:ff9b::10.1.2.3",
            "64:ff9b:1::a01:203",
            "::ffff:0:10.1.2.3", "2002:a01:203::1", "0.0.0.0", "::", "0.0.0.0/30", "127.0.0.1",
        ];
        foreach (string way in ways)
        {
            RequestCode code = await Attacker.AnsweredAsync(() =>
                channel.AskAsync<Done>(Methods.ScanStart, Start(way), CancellationToken.None));
            Attacker.Expect((way, RequestCode.ScanRefused), (way, code));
        }

        return $"ScanRefused, {ways.Length} ways";
    }

    private static async Task<string> ScanFloodAsync(AttackStage stage)
    {
        (Attacker attacker, PeerChannel channel, Guid pairingId) = await HostileAsync(stage);
        using Attacker own = attacker;
        int refused = 0;
        await Task.WhenAll(Enumerable.Range(0, 300).Select(async _ =>
        {
            try
            {
                await channel.AskAsync<Done>(
                    Methods.ScanStart, Start("192.0.2.0/24") with { Ports = "1-60" }, CancellationToken.None);
            }
            catch (ChannelException e) when (e.PeerCode == (int)RequestCode.ScanRefused)
            {
                Interlocked.Increment(ref refused);
            }
        }));
        int held = stage.Standard.Store.ListScans(pairingId).Count;
        Attacker.Expect((300 - held, true), (refused, held is > 0 and <= 32));
        return $"{held} taken on, {refused} ScanRefused";
    }

    private static async Task<string> AbsurdAsync(AttackStage stage)
    {
        (Attacker attacker, PeerChannel channel, _) = await HostileAsync(stage);
        using Attacker own = attacker;
        ScanStart[] absurd =
        [
            Start("0.0.0.0/0"), Start("::/0"), Start(), Start("a!b"), Start([null!]), Start(new string('a', 10_000)),
            Start("10.0.0.1") with { Ports = "0" }, Start("10.0.0.1") with { Ports = "1-70000" },
            Start("10.0.0.1") with { TimeoutMs = -1 }, Start("10.0.0.1") with { Parallelism = int.MaxValue },
            Start("10.0.0.1") with { MaxRate = int.MinValue },
            Start(Enumerable.Range(0, 70_000).Select(i => "h" + i).ToArray()),
        ];
        foreach (ScanStart start in absurd)
        {
            RequestCode code = await Attacker.AnsweredAsync(() =>
                channel.AskAsync<Done>(Methods.ScanStart, start, CancellationToken.None));
            Attacker.Expect(true, code is RequestCode.ScanRefused or RequestCode.Malformed);
        }

        return $"ScanRefused or Malformed, {absurd.Length} times";
    }

    private static async Task<string> SyncAsync(AttackStage stage)
    {
        (Attacker attacker, PeerChannel channel, _) = await HostileAsync(stage);
        using Attacker own = attacker;
        ScanSyncItem item = new() { ScanId = Guid.NewGuid(), Attempt = 1, LastBatch = long.MaxValue };
        ScanSyncItem[] many = [.. Enumerable.Range(0, 30_000).Select(_ => item with { ScanId = Guid.NewGuid() })];
        foreach (ScanSyncItem[] items in new ScanSyncItem[][] { many, [item, item], [null!] })
        {
            RequestCode code = await Attacker.AnsweredAsync(() => channel.AskAsync<ScanSyncReply>(
                Methods.ScanSync, new ScanSync { Scans = items }, CancellationToken.None));
            Attacker.Expect(RequestCode.Malformed, code);
        }

        return "Malformed, 3 times";
    }

    private static async Task<string> DirectionAsync(AttackStage stage)
    {
        (Attacker attacker, PeerChannel channel, Guid pairingId) = await HostileAsync(stage);
        using Attacker own = attacker;
        long epoch = stage.Standard.Store.GetConsole(pairingId)!.Epoch;
        DirectionPrepare sound = new()
        {
            ChangeId = Guid.NewGuid(),
            Epoch = epoch + 1,
            To = CommunicationDirection.EngineToConsole,
            ConsoleAddress = "192.0.2.1",
            ConsolePort = 40815,
        };
        (DirectionPrepare Message, RequestCode Expected)[] hostile =
        [
            (sound with { ConsolePort = 99_999 }, RequestCode.Malformed),
            (sound with { ConsolePort = -1 }, RequestCode.Malformed),
            (sound with { ConsoleAddress = "a b;reboot" }, RequestCode.Malformed),
            (sound with { ConsoleAddress = new string('a', 5000) }, RequestCode.Malformed),
            (sound with { ConsoleAddress = "http://[::1]/" }, RequestCode.Malformed),
            (sound with { ListenPort = 70_000 }, RequestCode.Malformed),
            (sound with { Epoch = long.MaxValue }, RequestCode.Malformed),
            (sound with { ChangeId = Guid.Empty }, RequestCode.Malformed),
            (sound with { Epoch = epoch }, RequestCode.Stale),
            (sound with { Epoch = -5 }, RequestCode.Stale),
        ];
        foreach ((DirectionPrepare message, RequestCode expected) in hostile)
        {
            RequestCode code = await Attacker.AnsweredAsync(() =>
                channel.AskAsync<DirectionPrepared>(Methods.DirectionPrepare, message, CancellationToken.None));
            Attacker.Expect((message, expected), (message, code));
        }

        Attacker.Expect(null, stage.Standard.Store.GetConsole(pairingId)!.ChangeId);
        return $"Malformed or Stale, {hostile.Length} times";
    }

    private static async Task<string> ExtremesAsync(AttackStage stage)
    {
        (Attacker attacker, PeerChannel channel, Guid pairingId) = await HostileAsync(stage);
        using Attacker own = attacker;
        ScanStart begun = Start("192.0.2.0/24") with { Ports = "1-1000" };
        await channel.AskAsync<Done>(Methods.ScanStart, begun, CancellationToken.None);
        JObject start = JObject.Parse(Encoding.UTF8.GetString(WireJson.Write(begun with
        {
            FromUnit = 1,
            TimeLeftMs = 60_000,
            LeaseUntilMs = 1,
        })));
        string id = $"{begun.ScanId:D}";
        return await Attacker.ExtremesAsync(
            channel,
            (Methods.ScanStart, start),
            (Methods.ScanStop, JObject.Parse($$"""{"scanId":"{{id}}","attempt":1}""")),
            (Methods.ScanSync, JObject.Parse(
                $$"""{"scans":[{"scanId":"{{id}}","attempt":1,"lastBatch":0,"leaseUntilMs":1}]}""")),
            (Methods.EngineReachability, JObject.Parse(
                """{"direction":"ConsoleToEngine","port":1,"withinSeconds":1,"look":false,"fillAnswer":1}""")),
            (Methods.ProbeYou, JObject.Parse("""{"direction":"EngineToConsole","port":1,"timeoutMs":1}""")),
            (Methods.DirectionPrepare, JObject.Parse(
                $$"""
                {"changeId":"{{pairingId:D}}","epoch":0,"to":"EngineToConsole","consoleAddress":"192.0.2.1","consolePort":1,
                "listenPort":1,"firewall":{"lifetimeSeconds":1,"patienceSeconds":1} }
                """)),
            (Methods.DirectionOutcome, JObject.Parse(
                $$"""{"changeId":"{{pairingId:D}}","epoch":0,"direction":"ConsoleToEngine"}""")));
    }
}
