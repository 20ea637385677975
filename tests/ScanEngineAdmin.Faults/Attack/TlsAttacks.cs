using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using ScanEngineAdmin.Channel;

namespace ScanEngineAdmin.Faults.Attack;

/// <summary>What a stranger may have TLS do before anybody knows who it is; at the console's port and the engine's.</summary>
internal static class TlsAttacks
{
    private const int Addresses = 8;
    private const int Samples = 31;

    public static IReadOnlyList<AttackCase> All { get; } =
    [
        .. Both("chain of certificates", (stage, at) => ShownAsync(stage, at, CostlyCertificate.Chain(12))),
        .. Both("certificate stuffed with an extension", (stage, at) =>
            ShownAsync(stage, at, CostlyCertificate.Extension(12_000))),
        .. Both("certificate with a subject without end", (stage, at) =>
            ShownAsync(stage, at, CostlyCertificate.Subject(6_000))),
        .. Both("certificate over a giant RSA key", (stage, at) => ShownAsync(stage, at, CostlyCertificate.Rsa(8192))),
        .. Both("certificate over a key with a giant exponent", (stage, at) =>
            ShownAsync(stage, at, CostlyCertificate.Exponent(3072))),
        .. Both("a first record announced and never sent", (stage, at) =>
            RawAsync(stage, at, [22, 3, 1, 0x3F, 0xFF], records: 1)),
        .. Both("a hello in a thousand records", (stage, at) => RawAsync(stage, at, [22, 3, 1, 0, 1, 1], records: 2_000)),
        .. Both("handshake records without end", (stage, at) =>
            RawAsync(stage, at, [22, 3, 3, 0x08, 0x00, .. new byte[2048]], records: 200)),
        .. Both("costly handshakes from many addresses", FloodAsync),
    ];

    private static IEnumerable<AttackCase> Both(string name, Func<AttackStage, IPEndPoint, Task<string>> run) =>
    [
        new($"{name} (console)", stage => run(stage, stage.ConsoleNode.EndPoint)),
        new($"{name} (engine)", stage => run(stage, stage.StandardNode.EndPoint!)),
    ];

    /// <summary>Cut off within TLS; no frame, no pairing, and one line in the log that says why.</summary>
    private static async Task<string> ShownAsync(AttackStage stage, IPEndPoint at, CostlyCertificate shown)
    {
        using CostlyCertificate own = shown;
        for (int i = 0; i < 3; i++)
        {
            Attacker.Expect(false, await TryAsync(at, shown, stage.At(100)));
        }

        await AttackStage.UntilAsync(
            () => stage.Log.Any(line => line.Event == "HandshakeFailed"
                && line.Message.Contains("no chain", StringComparison.Ordinal)),
            "the log does not say why");
        return "cut off, and the log says why";
    }

    /// <summary>True if a frame came back.</summary>
    public static async Task<bool> TryAsync(
        IPEndPoint at, CostlyCertificate shown, IPAddress from, byte[]? firstFrame = null)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.Bind(new IPEndPoint(from, 0));
            await socket.ConnectAsync(at);
#pragma warning disable CA5359 // An attacker does not care whom it meets.
            using var tls = new SslStream(new NetworkStream(socket), false, (_, _, _, _) => true);
#pragma warning restore CA5359
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = "x.invalid",
                ApplicationProtocols = [new SslApplicationProtocol(ChannelProtocol.ChannelAlpn)],
                ClientCertificateContext = shown.Context,
            }).WaitAsync(AttackStage.Patience);
            await tls.WriteAsync(firstFrame);
            return await tls.ReadAsync(new byte[1]).AsTask().WaitAsync(AttackStage.Patience) > 0;
        }
        catch (Exception e) when (e is IOException or SocketException or AuthenticationException)
        {
            return false;
        }
    }

    private static async Task<string> RawAsync(AttackStage stage, IPEndPoint at, byte[] record, int records)
    {
        long before = GC.GetTotalMemory(forceFullCollection: true);
        Socket[] sockets = await Task.WhenAll(Enumerable.Range(0, 200).Select(async i =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                socket.Bind(new IPEndPoint(stage.At((byte)(100 + (i % 20))), 0));
                await socket.ConnectAsync(at);
                for (int sent = 0; sent < records; sent++)
                {
                    await socket.SendAsync(record).WaitAsync(AttackStage.Patience);
                }
            }
            catch (SocketException)
            {
                // Closed already.
            }

            return socket;
        }));
        foreach (Socket socket in sockets)
        {
            await DrainAsync(socket);
        }

        // What strangers sent is not kept.
        long grown = GC.GetTotalMemory(forceFullCollection: true) - before;
        return grown < 16 * 1024 * 1024
            ? $"{sockets.Length} closed, {grown / 1024} KiB grown"
            : throw new AttackException($"grown by {grown}");
    }

    private static async Task DrainAsync(Socket socket)
    {
        try
        {
            byte[] answer = new byte[256];
            while (await socket.ReceiveAsync(answer).WaitAsync(AttackStage.Patience) > 0)
            {
            }
        }
        catch (SocketException)
        {
            // Reset: as good.
        }
        finally
        {
            socket.Dispose();
        }
    }

    /// <summary>
    /// From several addresses, several at once, each with the costliest certificate that is read to its end, and with
    /// one that is not: a paired peer waits at most three times as long as undisturbed.
    /// </summary>
    private static async Task<string> FloodAsync(AttackStage stage, IPEndPoint at)
    {
        bool console = at.Equals(stage.ConsoleNode.EndPoint);
        (Attacker peer, PeerChannel first, _) = console
            ? await EngineAttacks.HostileAsync(stage)
            : await ConsoleAttacks.HostileAsync(stage);
        using Attacker legitimate = peer;
        await first.DisposeAsync();
        double undisturbed = await MedianAsync(stage, legitimate, console);
        using var chain = CostlyCertificate.Chain(12);
        using var exponent = CostlyCertificate.Exponent(2048);
        using var stop = new CancellationTokenSource();
        int attempts = 0;
        Task[] flood = Enumerable.Range(0, Addresses).Select(i => Task.Run(async () =>
        {
            // Two a second of each address, as in the flood that kept a listener from everybody else.
            using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(500));
            do
            {
                await TryAsync(at, i % 2 == 0 ? chain : exponent, stage.At((byte)(100 + i)));
                Interlocked.Increment(ref attempts);
            }
            while (!stop.IsCancellationRequested && await pace.WaitForNextTickAsync());
        })).ToArray();
        double disturbed = await MedianAsync(stage, legitimate, console);
        await stop.CancelAsync();
        await Task.WhenAll(flood);
        string said = $"{attempts} costly handshakes; a paired peer waited {disturbed:0.0} ms, undisturbed "
            + $"{undisturbed:0.0} ms";

        // Below a few milliseconds the scheduler is what is measured.
        return disturbed <= 3 * Math.Max(undisturbed, 10) ? said : throw new AttackException(said);
    }

    private static async Task<double> MedianAsync(AttackStage stage, Attacker peer, bool console)
    {
        var waits = new List<double>();
        for (int i = 0; i < Samples; i++)
        {
            long began = Stopwatch.GetTimestamp();
            await using PeerChannel channel = console
                ? await EngineAttacks.DialAsync(stage, peer)
                : await ConsoleAttacks.DialAsync(stage, peer);
            waits.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            await Task.Delay(30); // Apart from each other: the wait of one is measured, not of a row.
        }

        return waits.Order().ElementAt(Samples / 2);
    }
}
