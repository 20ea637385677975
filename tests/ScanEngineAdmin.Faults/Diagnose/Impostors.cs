using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using ScanEngineAdmin.Channel;

namespace ScanEngineAdmin.Faults.Diagnose;

/// <summary>What else may answer on a node's port: other services, an intercepting proxy, another node.</summary>
internal sealed class Impostors : IAsyncDisposable
{
    public const string Issuer = "Corp Inspection CA";

    private readonly CancellationTokenSource _end = new();
    private readonly List<TcpListener> _listeners = [];
    private readonly List<Task> _serving = [];
    private readonly NodeIdentity _identity = NodeIdentity.Create(Guid.NewGuid(), TimeProvider.System);
    private readonly ChannelRuntime _runtime = new(ChannelOptions.Default);
    private readonly ChannelListener _node;

    public Impostors()
    {
        Http = Serve(static async (stream, token) =>
        {
            await stream.ReadAtLeastAsync(new byte[1], 1, false, token);
            await stream.WriteAsync(Encoding.ASCII.GetBytes("HTTP/1.1 400 Bad Request\r\n\r\n"), token);
        });
        Ssh = Serve(static async (stream, token) =>
            await stream.WriteAsync(Encoding.ASCII.GetBytes("SSH-2.0-OpenSSH_9.2p1\r\n"), token));
        Silent = Serve(static (_, token) => Task.Delay(Timeout.Infinite, token));
        X509Certificate2 forged = Forge();
        Tls = Serve(async (stream, token) =>
        {
            using var tls = new SslStream(stream);
            var options = new SslServerAuthenticationOptions
            {
                ServerCertificate = forged,
                ApplicationProtocols = [new SslApplicationProtocol(ChannelProtocol.ChannelAlpn)],
            };
            await tls.AuthenticateAsServerAsync(options, token);
        });
        _node = ChannelListener.Start(
            new IPEndPoint(IPAddress.Any, 0), _identity, _runtime, static (_, _) => Task.CompletedTask);
    }

    public int Http { get; }

    public int Ssh { get; }

    public int Silent { get; }

    public int Tls { get; }

    public int OtherNode => _node.EndPoint.Port;

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listeners.ForEach(static listener => listener.Dispose());
        await Task.WhenAll(_serving).WaitAsync(TimeSpan.FromSeconds(30));
        await _node.DisposeAsync();
        _runtime.Dispose();
        _identity.Dispose();
        _end.Dispose();
    }

    private int Serve(Func<NetworkStream, CancellationToken, Task> serve)
    {
        var listener = new TcpListener(IPAddress.Any, 0);
        listener.Start();
        _listeners.Add(listener);
        _serving.Add(Task.Run(() => AcceptAsync(listener, serve)));
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task AcceptAsync(TcpListener listener, Func<NetworkStream, CancellationToken, Task> serve)
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                TcpClient client = await listener.AcceptTcpClientAsync(_end.Token);
                _serving.Add(OneAsync(client, serve));
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or InvalidOperationException)
            {
                return;
            }
        }
    }

    private async Task OneAsync(TcpClient client, Func<NetworkStream, CancellationToken, Task> serve)
    {
        using (client)
        {
            try
            {
                await serve(client.GetStream(), _end.Token);
            }
            catch (Exception e) when (e is IOException or AuthenticationException or OperationCanceledException)
            {
                // Whoever dialled has seen enough.
            }
        }
    }

    private static X509Certificate2 Forge()
    {
        DateTimeOffset from = DateTimeOffset.UtcNow.AddDays(-1);
        using var caKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var caRequest = new CertificateRequest($"CN={Issuer}", caKey, HashAlgorithmName.SHA256);
        caRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using X509Certificate2 ca = caRequest.CreateSelfSigned(from, from.AddDays(30));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 leaf = new CertificateRequest("CN=engine", key, HashAlgorithmName.SHA256)
            .Create(ca, from, from.AddDays(20), [1, 2, 3, 4]);
        using X509Certificate2 whole = leaf.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pkcs12), null);
    }
}
