#if KESTREL
using System.Net.WebSockets;

namespace ScanEngineAdmin.Benchmarks.Wire;

/// <summary>ClientWebSocket to Kestrel, a message for each piece.</summary>
internal sealed class WebSockets : IWire
{
    private readonly ClientWebSocket _socket = new();
    private readonly byte[] _piece = Work.Bytes(Work.Piece);
    private readonly byte[] _read = new byte[Work.Piece];

    public string Name => "WebSocket";

    public static async Task<WebSockets> ConnectAsync(int port)
    {
        var wire = new WebSockets();
#pragma warning disable CA5359 // The certificate is the benchmark's own.
        wire._socket.Options.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        await wire._socket.ConnectAsync(
            new Uri(FormattableString.Invariant($"wss://localhost:{port}/ws")), CancellationToken.None);
        return wire;
    }

    public async Task UpAsync(long bytes, int message)
    {
        await SendAsync(Work.Header(Work.Up, bytes));
        for (long sent = 0; sent < bytes; sent += message)
        {
            await SendAsync(_piece.AsMemory(0, (int)Math.Min(message, bytes - sent)));
        }

        await ReceiveAsync();
    }

    public async Task DownAsync(long bytes)
    {
        await SendAsync(Work.Header(Work.Down, bytes));
        for (long got = 0; got < bytes;)
        {
            got += await ReceiveAsync();
        }
    }

    public async Task EchoAsync(int requests, int inFlight)
    {
        await SendAsync(Work.Header(Work.Echo, (long)requests * Work.RequestSize));
        int sent = 0;
        for (; sent < Math.Min(inFlight, requests); sent++)
        {
            await SendAsync(_piece.AsMemory(0, Work.RequestSize));
        }

        for (long got = 0; got < (long)requests * Work.RequestSize;)
        {
            got += await ReceiveAsync();
            if (sent < requests && got / Work.RequestSize > sent - inFlight)
            {
                sent++;
                await SendAsync(_piece.AsMemory(0, Work.RequestSize));
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    private ValueTask SendAsync(ReadOnlyMemory<byte> bytes) =>
        _socket.SendAsync(bytes, WebSocketMessageType.Binary, true, CancellationToken.None);

    private async ValueTask<int> ReceiveAsync() =>
        (await _socket.ReceiveAsync(_read.AsMemory(), CancellationToken.None)).Count;
}
#endif
