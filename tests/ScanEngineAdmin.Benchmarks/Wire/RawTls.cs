using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace ScanEngineAdmin.Benchmarks.Wire;

/// <summary>
/// The limit: TLS 1.3 with certificates on both sides, as the product's, and nothing above it. Both ends know the order
/// of the bytes, so nothing is framed.
/// </summary>
internal sealed class RawTls : IWire
{
    private readonly Stream _stream;
    private readonly byte[] _piece = Work.Bytes(Work.Piece);
    private readonly byte[] _read = new byte[Work.Piece];

    private RawTls(Stream stream, string name) => (_stream, Name) = (stream, name);

    public string Name { get; }

    public static async Task<RawTls> ConnectAsync(int port, X509Certificate2 own) => new(
        await DialAsync(port, SslStreamCertificateContext.Create(own, null, offline: true)), "raw TLS");

    public static async Task<SslStream> DialAsync(int port, SslStreamCertificateContext own)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port);
#pragma warning disable CA5359 // Shown and proved, not judged: it is the cost that counts.
        var stream = new SslStream(new NetworkStream(socket, true), false, static (_, _, _, _) => true);
#pragma warning restore CA5359
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "limit",
            EnabledSslProtocols = SslProtocols.Tls13,
            ClientCertificateContext = own,
        });
        return stream;
    }

    /// <summary>The same bytes without TLS.</summary>
    public static async Task<RawTls> ConnectPlainAsync(int port, string name = "raw sockets")
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port);
        return new RawTls(new NetworkStream(socket, true), name);
    }

    public static int Listen(X509Certificate2 certificate, bool plain)
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start(1024);
        _ = AcceptAsync(listener, SslStreamCertificateContext.Create(certificate, null, offline: true), plain);
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public async Task UpAsync(long bytes, int message)
    {
        await _stream.WriteAsync(Work.Header(Work.Up, bytes));
        for (long sent = 0; sent < bytes; sent += message)
        {
            await _stream.WriteAsync(_piece.AsMemory(0, (int)Math.Min(message, bytes - sent)));
        }

        await _stream.ReadExactlyAsync(_read.AsMemory(0, 1));
    }

    public async Task DownAsync(long bytes)
    {
        await _stream.WriteAsync(Work.Header(Work.Down, bytes));
        await SkipAsync(_stream, bytes, _read);
    }

    public async Task EchoAsync(int requests, int inFlight)
    {
        await _stream.WriteAsync(Work.Header(Work.Echo, (long)requests * Work.RequestSize));
        int sent = Math.Min(inFlight, requests);
        await _stream.WriteAsync(_piece.AsMemory(0, sent * Work.RequestSize));
        int answered = 0;
        int part = 0;
        while (answered < requests)
        {
            int got = await _stream.ReadAsync(_read);
            ObjectDisposedException.ThrowIf(got == 0, this);
            part += got;
            int whole = part / Work.RequestSize;
            part %= Work.RequestSize;
            answered += whole;
            int more = Math.Min(whole, requests - sent);
            sent += more;
            if (more > 0)
            {
                await _stream.WriteAsync(_piece.AsMemory(0, more * Work.RequestSize));
            }
        }
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    internal static async Task SkipAsync(Stream stream, long bytes, byte[] buffer)
    {
        while (bytes > 0)
        {
            int got = await stream.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, bytes)));
            if (got == 0)
            {
                throw new EndOfStreamException();
            }

            bytes -= got;
        }
    }

    private static async Task AcceptAsync(TcpListener listener, SslStreamCertificateContext context, bool plain)
    {
        while (true)
        {
            Socket socket = await listener.AcceptSocketAsync();
            socket.NoDelay = true;
            _ = ServeAsync(socket, context, plain);
        }
    }

    private static async Task ServeAsync(Socket socket, SslStreamCertificateContext context, bool plain)
    {
        try
        {
            Stream stream = new NetworkStream(socket, true);
            if (!plain)
            {
#pragma warning disable CA5359 // As above.
                var tls = new SslStream(stream, false, static (_, _, _, _) => true);
#pragma warning restore CA5359
                stream = tls;
                await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
                {
                    ServerCertificateContext = context,
                    ClientCertificateRequired = true,
                    EnabledSslProtocols = SslProtocols.Tls13,
                });
            }

            await using Stream serving = stream;
            await AnswerAsync(serving);
        }
        catch (Exception e) when (e is IOException or AuthenticationException)
        {
            // The other end has what it wanted.
        }
    }

    private static async Task AnswerAsync(Stream stream)
    {
        byte[] buffer = new byte[Work.Piece];
        byte[] piece = Work.Bytes(Work.Piece);
        while (await stream.ReadAtLeastAsync(buffer.AsMemory(0, Work.HeaderSize), Work.HeaderSize, false) != 0)
        {
            (byte work, long size) = Work.Read(buffer.AsSpan(0, Work.HeaderSize));
            switch (work)
            {
                case Work.Up:
                    await SkipAsync(stream, size, buffer);
                    await stream.WriteAsync(buffer.AsMemory(0, 1));
                    break;
                case Work.Down:
                    for (long sent = 0; sent < size; sent += piece.Length)
                    {
                        await stream.WriteAsync(piece.AsMemory(0, (int)Math.Min(piece.Length, size - sent)));
                    }

                    break;
                default:
                    // Whatever has come goes back in one write.
                    for (long left = size; left > 0;)
                    {
                        int got = await stream.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, left)));
                        if (got == 0)
                        {
                            return;
                        }

                        await stream.WriteAsync(buffer.AsMemory(0, got));
                        left -= got;
                    }

                    break;
            }
        }
    }
}
