using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Channel.Wire;

namespace ScanEngineAdmin.Faults.Attack;

/// <summary>Whoever can connect and is paired with nobody.</summary>
internal static class StrangerAttacks
{
    public static IReadOnlyList<AttackCase> All { get; } =
    [
        new("unpaired engine", stage => RefusedAsync(stage, NodeRole.Engine, RefusalCode.NotPaired)),
        new("wrong role", stage => RefusedAsync(stage, NodeRole.Console, RefusalCode.WrongRole)),
        new("unpaired console at an engine", async stage =>
        {
            using var attacker = new Attacker(NodeRole.Console);
            Refusal refusal = await Attacker.RefusedAsync(() =>
                attacker.DialAsync(stage.StandardNode.EndPoint!, stage.StandardNode.Fingerprint));
            Attacker.Expect(RefusalCode.NotPaired, refusal.Code);
            return $"{refusal.Code}";
        }),
        new("known id, another key", async stage =>
        {
            Guid known = stage.Console.Store.GetEngine(stage.ReverseId)!.EngineId!.Value;
            using var attacker = new Attacker(NodeRole.Engine, known);
            Refusal refusal = await Attacker.RefusedAsync(() =>
                attacker.DialAsync(stage.ConsoleNode.EndPoint, stage.ConsoleNode.Fingerprint));
            Attacker.Expect(RefusalCode.IdentityConflict, refusal.Code);
            return $"{refusal.Code}";
        }),
        new("every frame before the verdict", UnaskedFramesAsync),
        new("frames instead of a hello", stage => FirstFrameAsync(stage, Enum.GetValues<FrameKind>()
            .Where(kind => kind != FrameKind.Hello).Select(kind => Attacker.Frame(kind, 1, new byte[16])).ToArray())),
        new("oversized first frame", stage => FirstFrameAsync(
            stage, [[0xFF, 0xFF, 0xFF, 1, 0, 0, 0, 0], [0, 0x20, 1, 1, 0, 0, 0, 0]])),
        new("malformed hellos", stage => FirstFrameAsync(stage, new[]
        {
            "", "{", "[]", "null", "{\"role\":\"engine\"}", "{\"$type\":\"System.Object\"}", new string('[', 4000),
            "\u0000", "{\"role\":1e999}",
        }.Select(text => Attacker.Frame(FrameKind.Hello, 0, Attacker.Text(text))).ToArray())),
        new("certificate that is no node's", async stage =>
        {
            using RSA key = RSA.Create(2048);
            using X509Certificate2 certificate = new CertificateRequest(
                "CN=x", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
                .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
            using SslStream tls = await Attacker.RawAsync(stage.ConsoleNode.EndPoint, certificate);
            (_, RefusalCode? refused) = await Attacker.HearAsync(tls);
            Attacker.Expect(RefusalCode.BadCertificate, refused);
            return $"{refused}";
        }),
        new("no certificate, no purpose", async stage =>
        {
            foreach ((bool certificate, string alpn) in new[] { (false, ChannelProtocol.ChannelAlpn), (true, "h2") })
            {
                using var attacker = new Attacker(NodeRole.Engine);
                try
                {
                    using SslStream tls = await Attacker.RawAsync(
                        stage.ConsoleNode.EndPoint, certificate ? attacker.Identity.Certificate : null, alpn);
                    (List<FrameKind> kinds, _) = await Attacker.HearAsync(tls);
                    Attacker.Expect(0, kinds.Count);
                }
                catch (Exception e) when (e is AuthenticationException or IOException)
                {
                    // Ended inside TLS: as good.
                }
            }

            return "ended in TLS, not a frame said";
        }),
        new("slow loris", SlowLorisAsync),
        new("handshake flood", FloodAsync),
        new("stalled handshakes", StalledAsync),
        new("trickling handshakes", TrickleAsync),
    ];

    private static async Task<string> RefusedAsync(AttackStage stage, NodeRole role, RefusalCode expected)
    {
        using var attacker = new Attacker(role);
        Refusal refusal = await Attacker.RefusedAsync(() =>
            attacker.DialAsync(stage.ConsoleNode.EndPoint, stage.ConsoleNode.Fingerprint));
        Attacker.Expect(expected, refusal.Code);
        return $"{refusal.Code}";
    }

    // After its hello a stranger sends requests and streams of every number without waiting for the verdict.
    private static async Task<string> UnaskedFramesAsync(AttackStage stage)
    {
        using var attacker = new Attacker(NodeRole.Engine);
        using SslStream tls = await Attacker.RawAsync(stage.ConsoleNode.EndPoint, attacker.Identity.Certificate);
        var frames = new List<byte>(attacker.HelloFrame());
        for (byte number = 0; number < 30; number++)
        {
            frames.AddRange(Attacker.Frame(FrameKind.Request, number, 0, number, (byte)'{', (byte)'}'));
            frames.AddRange(Attacker.Frame(FrameKind.Open, (uint)(2 * number) + 1, 0, number, 0, 1, 0, 0));
        }

        await tls.WriteAsync(frames.ToArray());
        (List<FrameKind> kinds, RefusalCode? refused) = await Attacker.HearAsync(tls);
        Attacker.Expect(RefusalCode.NotPaired, refused);
        Attacker.Expect(1, kinds.Count);
        return $"{refused}, and not one answer";
    }

    private static async Task<string> FirstFrameAsync(AttackStage stage, byte[][] frames)
    {
        foreach (byte[] frame in frames)
        {
            using var attacker = new Attacker(NodeRole.Engine);
            using SslStream tls = await Attacker.RawAsync(stage.ConsoleNode.EndPoint, attacker.Identity.Certificate);
            await tls.WriteAsync(frame);
            (List<FrameKind> kinds, RefusalCode? refused) = await Attacker.HearAsync(tls);
            Attacker.Expect(RefusalCode.BadHello, refused);
            Attacker.Expect(1, kinds.Count);
        }

        return $"BadHello, {frames.Length} times";
    }

    private static async Task<string> SlowLorisAsync(AttackStage stage)
    {
        var sockets = new List<Socket>();
        for (int i = 0; i < 300; i++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new System.Net.IPEndPoint(stage.At((byte)(100 + (i % 10))), 0));
            await socket.ConnectAsync(stage.ConsoleNode.EndPoint);
            sockets.Add(socket);
        }

        // One byte of a TLS record now and then: alive, and never done.
        for (int turn = 0; turn < 3; turn++)
        {
            sockets.ForEach(socket => Say(socket, turn == 0 ? (byte)0x16 : (byte)0x03));
            await Task.Delay(500); // To be slow is the attack.
        }

        await AttackStage.UntilAsync(() => sockets.TrueForAll(IsClosed), "slow connections stay open");
        sockets.ForEach(socket => socket.Dispose());
        return $"{sockets.Count} closed when their time was over";
    }

    private static async Task<string> FloodAsync(AttackStage stage)
    {
        using var attacker = new Attacker(NodeRole.Engine);
        (int told, int cut) = (0, 0);
        var atOnce = new ParallelOptions { MaxDegreeOfParallelism = 64 };
        await Parallel.ForEachAsync(Enumerable.Range(0, 400), atOnce, async (i, stop) =>
        {
            try
            {
                using SslStream tls = await Attacker.RawAsync(
                    stage.ConsoleNode.EndPoint, attacker.Identity.Certificate, from: stage.At((byte)(100 + (i % 4))));
                await tls.WriteAsync(attacker.HelloFrame(), stop);
                (List<FrameKind> kinds, RefusalCode? code) = await Attacker.HearAsync(tls);
                Interlocked.Add(ref told, code == RefusalCode.NotPaired ? 1 : 0);
                Interlocked.Add(ref cut, kinds.Count == 0 ? 1 : 0);
            }
            catch (Exception e) when (e is IOException or SocketException or AuthenticationException)
            {
                Interlocked.Increment(ref cut);
            }
        });
        Attacker.Expect((400, true), (told + cut, told > 0));
        int lines = stage.Log.Count(entry => entry.Event is "PeerRefused" or "HandshakeFailed");
        return lines <= 400
            ? $"{told} of 400 were told, {cut} cut off, in {lines} log lines"
            : throw new AttackException($"{lines} log lines");
    }

    /// <summary>From many addresses, as whoever has an IPv6 prefix has them: TLS, and then not a word.</summary>
    private static async Task<string> StalledAsync(AttackStage stage)
    {
        using var attacker = new Attacker(NodeRole.Engine);
        (Attacker engine, PeerChannel first, _) = await EngineAttacks.HostileAsync(stage).ConfigureAwait(false);
        using Attacker legitimate = engine;
        await first.DisposeAsync().ConfigureAwait(false);
        List<Task<SslStream>> stalled = [];
        for (int i = 0; i < 120; i++)
        {
            stalled.Add(Attacker.RawAsync(
                stage.ConsoleNode.EndPoint, attacker.Identity.Certificate, from: stage.At((byte)(100 + (i % 60)))));
        }

        PeerChannel served = await EngineAttacks.DialAsync(stage, legitimate)
            .WaitAsync(AttackStage.Fast.HandshakeTimeout / 2).ConfigureAwait(false);
        await served.DisposeAsync().ConfigureAwait(false);
        foreach (Task<SslStream> one in stalled)
        {
            try
            {
                (await one.ConfigureAwait(false)).Dispose();
            }
            catch (Exception e) when (e is IOException or AuthenticationException or TimeoutException)
            {
                // Its time was over.
            }
        }

        return $"a paired engine was welcomed meanwhile; {stalled.Count} stalled";
    }

    /// <summary>From two addresses as many handshakes as they may have, each going on by a byte at a time.</summary>
    private static async Task<string> TrickleAsync(AttackStage stage)
    {
        using var attacker = new Attacker(NodeRole.Engine);
        (Attacker engine, PeerChannel first, _) = await EngineAttacks.HostileAsync(stage).ConfigureAwait(false);
        using Attacker legitimate = engine;
        await first.DisposeAsync().ConfigureAwait(false);
        Task<SslStream>[] begun = Enumerable.Range(0, 128).Select(i => Attacker.RawAsync(
            stage.ConsoleNode.EndPoint, attacker.Identity.Certificate, from: stage.At((byte)(100 + (i % 2))))).ToArray();
        byte[] hello = attacker.HelloFrame();
        for (int turn = 0; turn < 3; turn++)
        {
            foreach (SslStream tls in begun.Where(one => one.IsCompletedSuccessfully).Select(one => one.Result))
            {
                try
                {
                    await tls.WriteAsync(hello.AsMemory(turn, 1)).ConfigureAwait(false);
                }
                catch (IOException)
                {
                    // Its place was needed.
                }
            }

            PeerChannel served = await EngineAttacks.DialAsync(stage, legitimate)
                .WaitAsync(AttackStage.Fast.HandshakeTimeout / 2).ConfigureAwait(false);
            await served.DisposeAsync().ConfigureAwait(false);
            using var newcomer = new Attacker(NodeRole.Engine);
            using SslStream asks = await Attacker.RawAsync(
                stage.ConsoleNode.EndPoint, newcomer.Identity.Certificate, from: stage.At(110)).ConfigureAwait(false);
            await asks.WriteAsync(newcomer.HelloFrame()).ConfigureAwait(false);
            (_, RefusalCode? heard) = await Attacker.HearAsync(asks).ConfigureAwait(false);
            Attacker.Expect(RefusalCode.NotPaired, heard);
            await Task.Delay(1900).ConfigureAwait(false); // To be slow is the attack.
        }

        foreach (Task<SslStream> one in begun)
        {
            try
            {
                (await one.ConfigureAwait(false)).Dispose();
            }
            catch (Exception e) when (e is IOException or AuthenticationException or TimeoutException or SocketException)
            {
                // Its time was over.
            }
        }

        return $"a paired engine and a newcomer were served three times meanwhile; {begun.Length} trickled";
    }

    private static void Say(Socket socket, byte said)
    {
        try
        {
            socket.Send([said]);
        }
        catch (SocketException)
        {
            // Closed already.
        }
    }

    private static bool IsClosed(Socket socket)
    {
        try
        {
            return socket.Poll(0, SelectMode.SelectRead) && socket.Receive(new byte[64]) == 0;
        }
        catch (SocketException)
        {
            return true;
        }
    }
}
