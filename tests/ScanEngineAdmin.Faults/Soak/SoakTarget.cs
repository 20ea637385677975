using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Faults.Soak;

/// <summary>
/// What the engines scan: a network in which every address answers alike, so that every scan gets addresses of its own
/// and each connection tells which scan it belongs to. Some ports say who they are, some are closed, some drop.
/// </summary>
internal sealed class SoakTarget : IAsyncDisposable
{
    public const int AddressesPerScan = 8;
    private const int FirstPort = 9000;
    private const int OpenPorts = 12;
    private const int ClosedPorts = 2;
    private const int DroppedPorts = 2;
    private const int Ports = OpenPorts + ClosedPorts + DroppedPorts;
    private const uint FirstAddress = (10u << 24) | (128u << 16);

    // Some answers take their time, so that two runs at once would meet each other there.
    private const int SlowEvery = 4;
    private static readonly TimeSpan Slowly = TimeSpan.FromMilliseconds(300);

    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentDictionary<uint, ScanVisits> _visits = [];
    private readonly List<TcpListener> _listeners;
    private readonly Task _serving;

    public SoakTarget()
    {
        Space.Run("ip", "route", "add", "local", "10.128.0.0/10", "dev", "lo");
        Space.Shell(string.Create(
            CultureInfo.InvariantCulture,
            $"nft 'add table inet target; add chain inet target input {{ type filter hook input priority 0; }}; "
            + $"add rule inet target input tcp dport "
            + $"{FirstPort + OpenPorts + ClosedPorts}-{FirstPort + Ports - 1} drop'"));
        _listeners = Space.Make(() => Enumerable.Range(FirstPort, OpenPorts).Select(port =>
        {
            var listener = new TcpListener(IPAddress.Any, port);
            listener.Start(512);
            return listener;
        }).ToList());
        _serving = Task.WhenAll(_listeners.Select(ServeAsync));
    }

    /// <summary>How a finding ends whose port was open and not heard out.</summary>
    public static string Silent => $" {PortState.Open}";

    /// <summary>The network as a route.</summary>
    public static string Network => "10.128.0.0/10";

    public static int UnitsPerScan => AddressesPerScan * Ports;

    public NetworkNamespace Space { get; } = NetworkNamespace.CreateAlone();

    /// <summary>The request of the scan with that number, and the visits it will make.</summary>
    public (ScanRequest Request, ScanVisits Visits) Scan(uint number, int perSecond, bool isShared)
    {
        var visits = new ScanVisits(UnitsPerScan, Ports, isShared);
        _visits[number] = visits;
        uint first = FirstAddress + (number * AddressesPerScan);
        return (new ScanRequest
        {
            Targets = [$"{Address(first)}-{Address(first + AddressesPerScan - 1)}"],
            Ports = string.Create(CultureInfo.InvariantCulture, $"{FirstPort}-{FirstPort + Ports - 1}"),
            MaxRate = perSecond,
            Parallelism = 32,

            // Loss and load must not look like another answer: nothing of the faults is on this way.
            Timeout = TimeSpan.FromSeconds(4),
            BannerTimeout = TimeSpan.FromSeconds(6),
        }, visits);
    }

    /// <summary>What is there, as a finding of the scan with that number must say it, without its address.</summary>
    public static IEnumerable<string> Truth() =>
        from unit in Enumerable.Range(0, UnitsPerScan)
        let port = FirstPort + (unit % Ports)
        select Text(unit, port, port < FirstPort + OpenPorts ? PortState.Open
            : port < FirstPort + OpenPorts + ClosedPorts ? PortState.Closed : PortState.Filtered,
            port < FirstPort + OpenPorts ? Banner(unit / Ports, port) : null);

    /// <summary>A finding in the same words; one with another scan's address is never like another.</summary>
    public static string Text(uint number, Finding finding)
    {
        uint expected = FirstAddress + (number * AddressesPerScan) + (uint)(finding.Unit / Ports);
        string text = Text(finding.Unit, finding.Port, finding.State, finding.Banner);
        return finding.Target == Address(expected).ToString() ? text : $"{text} at {finding.Target}";
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listeners.ForEach(listener => listener.Dispose());
        await _serving;
        Space.Dispose();
        _end.Dispose();
    }

    private static string Text(long unit, int port, PortState state, string? banner) =>
        string.Create(CultureInfo.InvariantCulture, $"{unit} port {port} {state}")
        + (banner is null ? string.Empty : " " + banner);

    private static string Banner(long offset, int port) =>
        string.Create(CultureInfo.InvariantCulture, $"port {port} of host {offset}");

    private static IPAddress Address(uint number)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, number);
        return new IPAddress(bytes);
    }

    private async Task ServeAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                _ = AnswerAsync(await listener.AcceptSocketAsync(_end.Token));
            }
        }
        catch (Exception exception) when (exception is
            SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The soak is over.
        }
    }

    private async Task AnswerAsync(Socket visitor)
    {
        ScanVisits? visits = null;
        int unit = 0;
        try
        {
            var asked = (IPEndPoint)visitor.LocalEndPoint!;
            var from = (IPEndPoint)visitor.RemoteEndPoint!;
            uint host = BinaryPrimitives.ReadUInt32BigEndian(asked.Address.GetAddressBytes()) - FirstAddress;
            unit = (int)((host % AddressesPerScan * Ports) + (uint)(asked.Port - FirstPort));
            if (!_visits.TryGetValue(host / AddressesPerScan, out visits))
            {
                return;
            }

            visits.Begin(unit, visitor, from.Address);
            if (unit % SlowEvery == 0)
            {
                await Task.Delay(Slowly, _end.Token);
            }

            string banner = Banner(host % AddressesPerScan, asked.Port);
            await visitor.SendAsync(Encoding.ASCII.GetBytes(banner + "\r\n"), SocketFlags.None, _end.Token);

            // The visitor says nothing: this ends with its leaving.
            await visitor.ReceiveAsync(new byte[1], SocketFlags.None, _end.Token);
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            // It left, as scanners do.
        }
        finally
        {
            visits?.End(unit, visitor);
            visitor.Dispose();
        }
    }
}
