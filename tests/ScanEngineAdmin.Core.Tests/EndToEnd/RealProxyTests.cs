using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.EndToEnd;

/// <summary>Through Debian's tinyproxy, with credentials and a list of ports that it tunnels to.</summary>
[Trait("Speed", "Slow")]
public sealed class RealProxyTests
{
    private const string Program = "/usr/bin/tinyproxy";

    [Fact]
    public async Task An_engine_polls_through_a_real_proxy_and_says_what_that_refuses()
    {
        Assert.SkipUnless(File.Exists(Program), "tinyproxy is not installed: apt-get install tinyproxy");
        Assert.SkipUnless(Resolves(), "This host's own name has no address.");
        await using NodePair pair = await NodePair.ActiveAsync(
            CommunicationDirection.EngineToConsole,
            console => console with { Listen = new IPEndPoint(IPAddress.Any, 0) });
        int port = pair.ConsoleNode!.EndPoint.Port;
        await using Tinyproxy proxy = await Tinyproxy.StartAsync(port);
        await ThroughAsync(pair, $"user:wrong@{proxy.Address}:{proxy.Port}", port);
        await RefusedAsync(pair, "refused the credentials");
        await ThroughAsync(pair, $"{proxy.Address}:{proxy.Port}", port);
        await RefusedAsync(pair, "wants credentials for Basic");
        await ThroughAsync(pair, $"user:pass@{proxy.Address}:{proxy.Port}", 9);
        await RefusedAsync(pair, "forbids a tunnel to port 9");

        await ThroughAsync(pair, $"user:pass@{proxy.Address}:{proxy.Port}", port);
        await pair.UntilEngineAsync(now => now.LastError is null && now.LastPoll is not null);
        await pair.ActiveAsync();
        using var targets = new ScanTargets();
        await targets.RunAsync(pair);
    }

    private static async Task RefusedAsync(NodePair pair, string why)
    {
        ConsoleRecord refused = await pair.UntilEngineAsync(
            now => now.LastError?.Contains(why, StringComparison.Ordinal) == true);
        Assert.StartsWith("ProxyRefused: ", refused.LastError, StringComparison.Ordinal);
    }

    /// <summary>By this host's own name: loopback addresses are never dialled through a proxy.</summary>
    private static async Task ThroughAsync(NodePair pair, string proxy, int port)
    {
        await pair.StopEngineAsync();
        pair.Engine.Store.UpdateConsole(pair.PairingId, now => now with
        {
            Address = Dns.GetHostName(),
            Port = port,
            LastError = null,
            LastPoll = null,
        });
        pair.EngineOptions = pair.EngineOptions with
        {
            Channel = pair.EngineOptions.Channel with { Proxy = HttpProxy.Parse(proxy) },
        };
        await pair.StartEngineAsync();
    }

    private static bool Resolves()
    {
        try
        {
            return Dns.GetHostAddresses(Dns.GetHostName()).Length > 0;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private sealed class Tinyproxy : IAsyncDisposable
    {
        private readonly TemporaryFolder _folder = new();
        private readonly Process _process;

        private Tinyproxy(int allowed)
        {
            using (var free = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
            {
                free.Bind(new IPEndPoint(Address, 0));
                Port = ((IPEndPoint)free.LocalEndPoint!).Port;
            }

            string file = _folder.Below("tinyproxy.conf");
            File.WriteAllText(file, $"""
                Port {Port}
                Listen {Address}
                Timeout 600
                Allow 127.0.0.0/8
                BasicAuth user pass
                ConnectPort {allowed}

                """);
            _process = Process.Start(Program, ["-d", "-c", file]);
        }

        public IPAddress Address { get; } = new OwnLoopback().At(1);

        public int Port { get; }

        public static async Task<Tinyproxy> StartAsync(int allowed)
        {
            var proxy = new Tinyproxy(allowed);
            using var patience = new CancellationTokenSource(NodePair.Patience);
            while (true)
            {
                using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                try
                {
                    await probe.ConnectAsync(proxy.Address, proxy.Port, patience.Token);
                    return proxy;
                }
                catch (SocketException) when (!proxy._process.HasExited)
                {
                    await Task.Yield();
                }
            }
        }

        public async ValueTask DisposeAsync()
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync().WaitAsync(NodePair.Patience);
            _process.Dispose();
            _folder.Dispose();
        }
    }
}
