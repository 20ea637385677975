using System.Diagnostics;
using System.Globalization;
using ScanEngineAdmin.Benchmarks.Measure;
using ScanEngineAdmin.Channel;

namespace ScanEngineAdmin.Benchmarks.Wire;

/// <summary>The server's process and one open connection of each kind to it.</summary>
internal sealed class WireLab : IAsyncDisposable
{
    private readonly Child _server;
    private readonly NodeIdentity _identity;
    private IReadOnlyList<Tunnel> _tunnels = [];
    private IReadOnlyList<string> _missing = [];

    private WireLab(Child server, NodeIdentity identity) => (_server, _identity) = (server, identity);

    public RawTls Raw { get; private set; } = null!;

    public RawTls Plain { get; private set; } = null!;

    public Product Product { get; private set; } = null!;

    public int RawPort { get; private set; }

    public int ProductPort { get; private set; }

    public string Pin { get; private set; } = string.Empty;

    public Child Server => _server;

    public NodeIdentity Identity => _identity;

    /// <summary>HTTP/2 and WebSocket; empty where this was built without them.</summary>
    public IReadOnlyList<IWire> Web { get; private set; } = [];

    /// <summary>Tunnels of other programs, where these are installed and the benchmark asks for them.</summary>
    public IReadOnlyList<IWire> Tunnels => [.. _tunnels.Select(static tunnel => tunnel.Wire)];

    public static async Task<WireLab> StartAsync(bool tunnels = false)
    {
        var lab = new WireLab(Child.Self(WireServer.Command), NodeIdentity.Create(Guid.NewGuid(), TimeProvider.System));
        string[] ports = (await lab._server.HearAsync()).Split(' ');
        lab.RawPort = Number(ports[0]);
        lab.ProductPort = Number(ports[2]);
        lab.Pin = ports[3];
        lab.Raw = await RawTls.ConnectAsync(lab.RawPort, lab._identity.Certificate);
        lab.Plain = await RawTls.ConnectPlainAsync(Number(ports[1]));
        if (tunnels)
        {
            (lab._tunnels, lab._missing) = await Tunnel.OpenAllAsync(Number(ports[1]));
        }

        lab.Product = await Product.ConnectAsync(lab.ProductPort, lab.Pin);
#if KESTREL
        lab.Web = [new Http2(Number(ports[4])), await WebSockets.ConnectAsync(Number(ports[4]))];
#endif
        return lab;
    }

    public void SayWhatIsMissing(Report report)
    {
        if (Web.Count == 0)
        {
            report.Missing("HTTP/2, WebSocket", "the SDK has no reference pack of ASP.NET Core");
        }

        foreach (string missing in _missing)
        {
            report.Missing("tunnel", missing);
        }
    }

    /// <summary>
    /// Does the work and says what it took: seconds, processor seconds of both ends, bytes allocated at each end.
    /// </summary>
    public async Task<IReadOnlyDictionary<string, double>> MeasureAsync(Func<Task> work)
    {
        Use thereBefore = await _server.UseAsync();
        double tunnelsBefore = _tunnels.Sum(static tunnel => tunnel.CpuSeconds());

        // Last: to look at the tunnels' processes allocates more than a thousand requests do.
        Use hereBefore = Use.Now();
        long started = Stopwatch.GetTimestamp();
        await work();
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        Use here = Use.Now() - hereBefore;
        Use there = await _server.UseAsync() - thereBefore;
        double tunnels = _tunnels.Sum(static tunnel => tunnel.CpuSeconds()) - tunnelsBefore;
        return new Dictionary<string, double>
        {
            ["s"] = seconds,
            ["rate"] = 1 / seconds,
            ["cpu"] = here.CpuSeconds + there.CpuSeconds + tunnels,
            ["here"] = here.Allocated,
            ["there"] = there.Allocated,
        };
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Tunnel tunnel in _tunnels)
        {
            await tunnel.DisposeAsync();
        }

        await Raw.DisposeAsync();
        await Plain.DisposeAsync();
        await Product.DisposeAsync();
        foreach (IWire wire in Web)
        {
            await wire.DisposeAsync();
        }

        await _server.DisposeAsync();
        _identity.Dispose();
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
