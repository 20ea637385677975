#if KESTREL
using System.Globalization;
using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ScanEngineAdmin.Benchmarks.Wire;

/// <summary>Kestrel as it comes, but for limits that would end a long body.</summary>
internal static class WebServer
{
    private static readonly byte[] Piece = Work.Bytes(Work.Piece);

    public static async Task<int> ListenAsync(X509Certificate2 certificate)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Listen(IPAddress.Loopback, 0, listen =>
            {
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                listen.UseHttps(certificate);
            });
        });
        WebApplication app = builder.Build();
        app.UseWebSockets();
        app.Run(AnswerAsync);
        await app.StartAsync();
        IServer server = app.Services.GetRequiredService<IServer>();
        return new Uri(server.Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;
    }

    private static async Task AnswerAsync(HttpContext context)
    {
        byte[] buffer = new byte[Work.Piece];
        switch (context.Request.Path.Value)
        {
            case "/ws":
                using (WebSocket socket = await context.WebSockets.AcceptWebSocketAsync())
                {
                    await AnswerAsync(socket, buffer);
                }

                break;
            case "/up":
                while (await context.Request.Body.ReadAsync(buffer) > 0)
                {
                }

                break;
            case "/down":
                long size = long.Parse(context.Request.QueryString.Value![1..], CultureInfo.InvariantCulture);
                for (long sent = 0; sent < size; sent += Piece.Length)
                {
                    await context.Response.Body.WriteAsync(Piece.AsMemory(0, (int)Math.Min(Piece.Length, size - sent)));
                }

                break;
            default:
                int length = await context.Request.Body.ReadAtLeastAsync(buffer, buffer.Length, false);
                context.Response.ContentLength = length;
                await context.Response.Body.WriteAsync(buffer.AsMemory(0, length));
                break;
        }
    }

    private static async Task AnswerAsync(WebSocket socket, byte[] buffer)
    {
        while (true)
        {
            ValueWebSocketReceiveResult got = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
            if (got.MessageType == WebSocketMessageType.Close)
            {
                return;
            }

            (byte work, long size) = Work.Read(buffer.AsSpan(0, Work.HeaderSize));
            long done = 0;
            while (done < size)
            {
                if (work == Work.Down)
                {
                    int count = (int)Math.Min(Piece.Length, size - done);
                    await socket.SendAsync(
                        Piece.AsMemory(0, count), WebSocketMessageType.Binary, true, CancellationToken.None);
                    done += count;
                    continue;
                }

                got = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
                done += got.Count;
                if (work == Work.Echo)
                {
                    await socket.SendAsync(
                        buffer.AsMemory(0, got.Count), WebSocketMessageType.Binary, true, CancellationToken.None);
                }
            }

            if (work == Work.Up)
            {
                await socket.SendAsync(
                    buffer.AsMemory(0, 1), WebSocketMessageType.Binary, true, CancellationToken.None);
            }
        }
    }
}
#endif
