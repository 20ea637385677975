using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace ScanEngineAdmin.Channel.Tests.Handshake;

/// <summary>A dialler that has TLS alone, and shows and offers what a node would not.</summary>
internal sealed class TlsClient : IAsyncDisposable
{
    private readonly TcpClient _client = new();

    private TlsClient()
    {
    }

    public SslStream Stream { get; private set; } = null!;

    public static async Task<TlsClient> ConnectAsync(ChannelListener listener)
    {
        var dialler = new TlsClient();
        await dialler._client.ConnectAsync(IPAddress.Loopback, listener.EndPoint.Port);
        dialler.Stream = new SslStream(dialler._client.GetStream());
        return dialler;
    }

    /// <summary>As a node does, but for what is changed and for the certificate, which has to be named.</summary>
    public Task AuthenticateAsync(Action<SslClientAuthenticationOptions> change)
    {
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = "node.invalid",
            ApplicationProtocols = [new(ChannelProtocol.ChannelAlpn)],
            RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null,
        };
        change(options);
        return Stream.AuthenticateAsClientAsync(options).WaitAsync(Node.Patience);
    }

    public async ValueTask DisposeAsync()
    {
        await Stream.DisposeAsync();
        _client.Dispose();
    }
}
