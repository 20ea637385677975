using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using ScanEngineAdmin.Benchmarks.Measure;
using ScanEngineAdmin.Benchmarks.Wire;
using ScanEngineAdmin.Channel;

namespace ScanEngineAdmin.Benchmarks.Fleet;

/// <summary>
/// The limit of a fleet: as many TLS connections that wait without a buffer, no gate before them. As often as an idle
/// engine, each client sends a few bytes, and has as many back.
/// </summary>
internal static class RawFleet
{
    public const string Server = "raw-fleet";
    public const string Clients = "raw-engines";

    // A ping and a pong of the product, and how often.
    private const int Exchanged = 17;
    private static readonly TimeSpan Interval = new ChannelOptions().HeartbeatInterval;

    public static async Task<int> ServeAsync()
    {
        using NodeIdentity identity = NodeIdentity.Create(Guid.NewGuid(), TimeProvider.System);
        SslStreamCertificateContext context =
            SslStreamCertificateContext.Create(identity.Certificate, null, offline: true);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start(16 * 1024);
        _ = AcceptAsync(listener, context);
        await Console.Out.WriteLineAsync(FormattableString.Invariant($"{((IPEndPoint)listener.LocalEndpoint).Port}"));
        while (await Console.In.ReadLineAsync() is not null)
        {
            await Console.Out.WriteLineAsync(Use.Now().Write());
        }

        return 0;
    }

    /// <summary>Connects all anew whenever it is told to, and says how long the last of them took.</summary>
    public static async Task<int> ConnectAsync(IReadOnlyList<string> args)
    {
        int port = int.Parse(args[0], CultureInfo.InvariantCulture);
        int count = int.Parse(args[1], CultureInfo.InvariantCulture);
        using NodeIdentity identity = NodeIdentity.Create(Guid.NewGuid(), TimeProvider.System);
        SslStreamCertificateContext context =
            SslStreamCertificateContext.Create(identity.Certificate, null, offline: true);
        SslStream[] open = [];
        while (await Console.In.ReadLineAsync() is not null)
        {
            foreach (SslStream stream in open)
            {
                await stream.DisposeAsync();
            }

            long started = Stopwatch.GetTimestamp();
            open = await Task.WhenAll(Enumerable.Range(0, count).Select(_ => Task.Run(() => DialAsync(port, context))));
            double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            foreach (SslStream stream in open)
            {
                _ = PingAsync(stream);
            }

            await Console.Out.WriteLineAsync(seconds.ToString("R", CultureInfo.InvariantCulture));
        }

        return 0;
    }

    private static async Task<SslStream> DialAsync(int port, SslStreamCertificateContext context)
    {
        SslStream stream = await RawTls.DialAsync(port, context);

        // The server's byte: only then it has seen this side's certificate.
        await stream.ReadExactlyAsync(new byte[1]);
        return stream;
    }

    private static async Task AcceptAsync(TcpListener listener, SslStreamCertificateContext context)
    {
        while (true)
        {
            Socket socket = await listener.AcceptSocketAsync();
            _ = HoldAsync(socket, context);
        }
    }

    private static async Task HoldAsync(Socket socket, SslStreamCertificateContext context)
    {
        try
        {
            socket.NoDelay = true;
#pragma warning disable CA5359 // Shown and proved, not judged: it is the cost that counts.
            await using var stream = new SslStream(new NetworkStream(socket, true), false, static (_, _, _, _) => true);
#pragma warning restore CA5359
            await stream.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
            {
                ServerCertificateContext = context,
                ClientCertificateRequired = true,
                EnabledSslProtocols = SslProtocols.Tls13,
            });
            await stream.WriteAsync(new byte[1]);
            await EchoAsync(stream);
        }
        catch (Exception e) when (e is IOException or AuthenticationException)
        {
            // The client has gone.
        }
    }

    private static async Task EchoAsync(SslStream stream)
    {
        while (true)
        {
#pragma warning disable CA2022 // No byte is wanted: the read waits for one, or for the end.
            await stream.ReadAsync(Memory<byte>.Empty);
#pragma warning restore CA2022
            byte[] buffer = ArrayPool<byte>.Shared.Rent(Exchanged);
            try
            {
                int got = await stream.ReadAsync(buffer);
                if (got == 0)
                {
                    return;
                }

                await stream.WriteAsync(buffer.AsMemory(0, got));
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    private static async Task PingAsync(SslStream stream)
    {
        byte[] buffer = new byte[Exchanged];
        TimeSpan wait = Interval * Random.Shared.NextDouble();
        try
        {
            while (true)
            {
                await Task.Delay(wait);
                await stream.WriteAsync(buffer);
                await stream.ReadExactlyAsync(buffer);
                wait = Interval;
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // All connect anew.
        }
    }
}
