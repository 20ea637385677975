#if KESTREL
using System.Net;
using System.Net.Security;

namespace ScanEngineAdmin.Benchmarks.Wire;

/// <summary>HttpClient to Kestrel over one connection of HTTP/2.</summary>
internal sealed class Http2 : IWire
{
    private readonly HttpClient _client;
    private readonly byte[] _piece = Work.Bytes(Work.Piece);

    public Http2(int port)
    {
#pragma warning disable CA5359, CA2000 // The client disposes its handler; the certificate is the benchmark's own.
        var handler = new SocketsHttpHandler
        {
            EnableMultipleHttp2Connections = false,
            UseProxy = false,
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = static (_, _, _, _) => true,
            },
        };
#pragma warning restore CA5359, CA2000
        _client = new HttpClient(handler)
        {
            BaseAddress = new Uri(FormattableString.Invariant($"https://localhost:{port}/")),
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    public string Name => "HTTP/2";

    public Task UpAsync(long bytes, int message) => UpAsync(bytes, message, CancellationToken.None);

    public async Task<long> UpAsync(long bytes, int message, CancellationToken until)
    {
        var body = new Body(_piece.AsMemory(0, message), bytes, until);
        using HttpResponseMessage answer =
            await _client.PostAsync(new Uri("up", UriKind.Relative), body, CancellationToken.None);
        answer.EnsureSuccessStatusCode();
        return body.Sent;
    }

    public async Task DownAsync(long bytes)
    {
        await using Stream stream = await _client.GetStreamAsync(
            new Uri(FormattableString.Invariant($"down?{bytes}"), UriKind.Relative));
        await RawTls.SkipAsync(stream, bytes, new byte[Work.Piece]);
    }

    public async Task EchoAsync(int requests, int inFlight)
    {
        int begun = 0;
        await Task.WhenAll(Enumerable.Range(0, inFlight).Select(_ => CallAsync()));

        async Task CallAsync()
        {
            while (Interlocked.Increment(ref begun) <= requests)
            {
                await RequestAsync();
            }
        }
    }

    public async Task RequestAsync()
    {
        using var body = new ReadOnlyMemoryContent(_piece.AsMemory(0, Work.RequestSize));
        using HttpResponseMessage answer = await _client.PostAsync(new Uri("echo", UriKind.Relative), body);
        await answer.Content.ReadAsByteArrayAsync();
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    private sealed class Body(ReadOnlyMemory<byte> piece, long bytes, CancellationToken until) : HttpContent
    {
        public long Sent { get; private set; }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            while (Sent < bytes && !until.IsCancellationRequested)
            {
                int count = (int)Math.Min(piece.Length, bytes - Sent);
                await stream.WriteAsync(piece[..count], CancellationToken.None);
                Sent += count;
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
#endif
