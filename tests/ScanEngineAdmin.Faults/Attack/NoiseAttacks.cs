using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Scanning.Targets;

namespace ScanEngineAdmin.Faults.Attack;

/// <summary>Peers that fill logs and trails, names that deceive, and rules that are changed under a running scan.</summary>
internal static class NoiseAttacks
{
    private const int MostEvents = 210;

    public static IReadOnlyList<AttackCase> All { get; } =
    [
        new("goodbyes without end, by an engine", stage => GoodbyesAsync(
            stage, () => EngineAttacks.HostileAsync(stage), attacker => EngineAttacks.DialAsync(stage, attacker))),
        new("goodbyes without end, by a console", stage => GoodbyesAsync(
            stage, () => ConsoleAttacks.HostileAsync(stage), attacker => ConsoleAttacks.DialAsync(stage, attacker))),
        new("scans begun and not wanted, without end", NotWantedAsync),
        new("certificates refused without end, by an engine", async stage =>
        {
            (Attacker attacker, PeerChannel channel, _) = await EngineAttacks.HostileAsync(stage);
            using Attacker own = attacker;
            return await CertificatesAsync(stage, channel, () => stage.Console.Store.ListEvents(5000));
        }),
        new("certificates refused without end, by a console", async stage =>
        {
            (Attacker attacker, PeerChannel channel, _) = await ConsoleAttacks.HostileAsync(stage);
            using Attacker own = attacker;
            return await CertificatesAsync(stage, channel, () => stage.Standard.Store.ListEvents(5000));
        }),
        new("pairing repeated without end", RepeatedAsync),
        new("names that deceive", DeceivingAsync),
        new("names that look like another's", AlikeAsync),
        new("a policy changed under a running scan", PolicyAsync),
    ];

    private static int Lines(AttackStage stage, string name) => stage.Log.Count(entry => entry.Event == name);

    /// <summary>No kind of line about one peer is written more often than is said to be.</summary>
    private static string Bounded(AttackStage stage, Guid pairingId)
    {
        foreach (IGrouping<string, LogEntry> kind in stage.Log
            .Where(entry => entry.Fields.GetValueOrDefault("pairing") == $"{pairingId:D}")
            .GroupBy(entry => $"{entry.Event} {entry.Level}"))
        {
            // At both ends of a pairing something may be said of it.
            if (kind.Count() > 2 * BoundedLog.LinesPerKind)
            {
                throw new AttackException($"{kind.Count()} lines {kind.Key}");
            }
        }

        return $"{stage.Log.Count} log lines in all";
    }

    private static async Task<string> GoodbyesAsync(
        AttackStage stage,
        Func<Task<(Attacker, PeerChannel, Guid)>> begin,
        Func<Attacker, Task<PeerChannel>> dial)
    {
        (Attacker attacker, PeerChannel first, Guid pairingId) = await begin();
        using Attacker own = attacker;
        await first.CloseAsync(RefusalCode.Unspecified, "bye");
        for (int i = 0; i < 200; i++)
        {
            try
            {
                PeerChannel channel = await dial(attacker);
                await channel.CloseAsync(i % 2 == 0 ? RefusalCode.Unspecified : RefusalCode.Stopping, "bye");
            }
            catch (ChannelException exception) when (exception.Refusal?.Code == RefusalCode.Busy)
            {
                // Faster than the console takes channels in.
            }
        }

        return $"200 goodbyes, {Bounded(stage, pairingId)}";
    }

    private static async Task<string> NotWantedAsync(AttackStage stage)
    {
        (Attacker attacker, PeerChannel channel, Guid pairingId) = await ConsoleAttacks.HostileAsync(stage);
        using Attacker own = attacker;
        for (int round = 0; round < 12; round++)
        {
            for (int i = 0; i < 20; i++)
            {
                await channel.AskAsync<Done>(
                    Methods.ScanStart,
                    new ScanStart
                    {
                        ScanId = Guid.NewGuid(),
                        Attempt = 1,
                        Targets = [$"{stage.At(9)}"],
                        Ports = "1-100",
                        TimeoutMs = 1000,
                        Parallelism = 1,
                        MaxRate = 1,
                        BannerTimeoutMs = 0,
                    },
                    CancellationToken.None);
            }

            await channel.AskAsync<ScanSyncReply>(
                Methods.ScanSync, new ScanSync { Scans = [] }, CancellationToken.None);
        }

        Attacker.Expect(true, Lines(stage, "ScanNotWanted") <= BoundedLog.LinesPerKind);
        Attacker.Expect(0, stage.Standard.Store.ListScans(pairingId).Count);
        return $"240 dropped, {Lines(stage, "ScanNotWanted")} lines";
    }

    private static async Task<string> CertificatesAsync(
        AttackStage stage, PeerChannel channel, Func<IReadOnlyList<AuditEvent>> events)
    {
        var announce = new CertificateAnnounce { PublicKey = new byte[91], Signature = new byte[70], InUse = true };
        for (int i = 0; i < 400; i++)
        {
            await channel.AskAsync<CertificateNonce>(
                Methods.CertificateNonce, new CertificateNonceAsk(), CancellationToken.None);
            await Attacker.AnsweredAsync(() =>
                channel.AskAsync<Done>(Methods.CertificateAnnounce, announce, CancellationToken.None));
        }

        int written = events().Count(line => line.Event == "PeerCertificateRefused");
        Attacker.Expect(true, written <= MostEvents && Lines(stage, "PeerCertificateRefused") <= MostEvents);
        return $"400 refused, {written} audited, {Lines(stage, "PeerCertificateRefused")} lines";
    }

    private static async Task<string> RepeatedAsync(AttackStage stage)
    {
        var secret = stage.Console.CreateSecret(TimeSpan.FromMinutes(5), null, singleUse: true).Secret;
        var engine = stage.NewEngine();
        stage.Console.SetEngine(stage.StandardId, "renamed", null, null);
        for (int i = 0; i < 260; i++)
        {
            await engine.PairAsync(
                $"{stage.At(1)}", stage.ConsoleNode.EndPoint.Port, secret, "again", TimeSpan.FromSeconds(1),
                CancellationToken.None);
        }

        IReadOnlyList<AuditEvent> trail = stage.Console.Store.ListEvents(5000);
        int paired = trail.Count(line => line is { Event: "Paired", Subject: "again" });
        Attacker.Expect(1, trail.Count(line => line is { Event: "Paired", Subject: "again", Class: AuditClass.Pairing }));
        Attacker.Expect(1, trail.Count(line => line.Event == "EngineSet"));
        return paired <= MostEvents
            ? $"260 times, {paired} audited, 1 of them as a pairing"
            : throw new AttackException($"{paired} were audited");
    }

    private static async Task<string> DeceivingAsync(AttackStage stage)
    {
        string[] names =
        [
            "l\u0430b-1", "\u3164", "l\u1160b", "lab-\uFF11", "lab\u02D01", "\u05D0\u05D1", "\u0627\u0628", "l\u00ADb",
            "lab  1", "\u2170", "lab\u01C01", "la\u0301b", "lab\u00A01", "\uD835\uDC00", "\u0661",
        ];
        foreach (string name in names)
        {
            using var attacker = new Attacker(NodeRole.Engine);
            Refusal refusal = await Attacker.RefusedAsync(() =>
                PairingAttacks.AskAsync(stage, attacker, PairingAttacks.Begin(attacker, name)));
            Attacker.Expect(RefusalCode.BadHello, refusal.Code);
            Attacker.Expect(true, refusal.Text.Contains("name is refused", StringComparison.Ordinal));
        }

        return $"BadHello with the reason, {names.Length} times";
    }

    private static async Task<string> AlikeAsync(AttackStage stage)
    {
        stage.Console.SetEngine(stage.StandardId, "srv-10", null, null);
        string[] names = ["srv-1O", "srv-l0", "srv-I0", "srv-lO"];
        foreach (string name in names)
        {
            using var attacker = new Attacker(NodeRole.Engine);
            Refusal refusal = await Attacker.RefusedAsync(() =>
                PairingAttacks.AskAsync(stage, attacker, PairingAttacks.Begin(attacker, name)));
            Attacker.Expect(RefusalCode.NameInUse, refusal.Code);
        }

        return $"NameInUse, {names.Length} times";
    }

    private static async Task<string> PolicyAsync(AttackStage stage)
    {
        (Attacker attacker, PeerChannel channel, Guid pairingId) = await ConsoleAttacks.HostileAsync(stage);
        using Attacker own = attacker;
        var start = new ScanStart
        {
            ScanId = Guid.NewGuid(),
            Attempt = 1,
            Targets = ["192.0.2.0/24"],
            Ports = "1-1000",
            TimeoutMs = 1000,
            Parallelism = 8,
            MaxRate = 100,
            BannerTimeoutMs = 0,
        };
        await channel.AskAsync<Done>(Methods.ScanStart, start, CancellationToken.None);
        stage.Standard.SetPolicy(new TargetPolicy { Deny = ["192.0.2.0/24"] });
        await AttackStage.UntilAsync(
            () => stage.Standard.Store.GetScan(pairingId, start.ScanId)?.State == ScanState.Failed,
            "the scan of what is denied goes on");
        return "Failed, where it stood";
    }
}
