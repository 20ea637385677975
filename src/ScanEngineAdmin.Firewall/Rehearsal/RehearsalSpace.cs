using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Text;
using Newtonsoft.Json.Linq;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>
/// A network namespace that only this object holds: its devices bear the names of the host's, and nothing is connected
/// to them. It goes when this object goes, or this process.
/// </summary>
internal sealed class RehearsalSpace : IDisposable
{
    public const string Loopback = "lo";
    private const nuint SetInterface = 0x400454ca;
    private const nuint SetIndex = 0x400454da;

    // A rule on an interface that is gone is listed by the number that the kernel gave it, and is met by no packet: nor
    // may it be here.
    private const int FirstIndex = 1_000_000_000;
    private const short NoInformation = 0x1000;

    // The kernel's numbers for the levels and the names of a socket's options.
    private const int SocketLevel = 1;
    private const int Ipv6Level = 41;
    private const int NetlinkLevel = 270;
    private const int JoinIpv6Group = 20;
    private const int JoinNetlinkGroup = 1;
    private const int ForceReceiveBuffer = 33;
    private const int TraceGroup = 9;
    private const string Far = "sea-far";
    private const StringSplitOptions Lines = StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries;
    private readonly SpaceDescriptors _made;
    private readonly List<RehearsalDevice> _devices = [];
    private readonly List<int> _sockets = [];
    private readonly string _enter;
    private RehearsalFiles? _files;
    private readonly byte[] _buffer = new byte[65536];

    private RehearsalSpace(SpaceDescriptors made)
    {
        _made = made;
        _enter = FormattableString.Invariant($"--net=/proc/{Environment.ProcessId}/fd/{made.Space}");
    }

    /// <summary>Makes the namespace with one device for each of the host's links, and one that nothing comes by for
    /// each name.</summary>
    /// <exception cref="RehearsalException">It cannot be made here.</exception>
    public static async Task<RehearsalSpace> CreateAsync(
        IReadOnlyList<HostLink> links, IEnumerable<HostLink> others,
        IReadOnlyList<(IPAddress Peer, PeerRoute Route)> peers, bool tunnels, CancellationToken cancellationToken)
    {
        var space = new RehearsalSpace(NamespaceEntry.Create(links.Count));
        try
        {
            await space.FurnishAsync(links, others, peers, tunnels, cancellationToken).ConfigureAwait(false);
            return space;
        }
        catch
        {
            space.Dispose();
            throw;
        }
    }

    public RehearsalDevice Device(HostLink link) => _devices.First(d => d.Name == link.Name);

    /// <summary>From now on tools inside see these files in the place of the host's; closed with the
    /// namespace.</summary>
    public void Cover(RehearsalFiles files) => _files = files;

    /// <summary>
    /// Runs a tool inside. Each is bound in time by a program of its own, so that it ends also if this process is
    /// killed: while a child lives the namespace does.
    /// </summary>
    public Task<ToolResult> RunAsync(ToolCall call, CancellationToken cancellationToken) => ToolRunner.RunAsync(
        new ToolCall(
            "timeout",
            ["-s", "KILL", "15", "nsenter", _enter, .. _files is null ? (string[])[] : [_files.Enter], call.Tool,
                .. call.Arguments],
            call.Input),
        cancellationToken);

    /// <exception cref="RehearsalException">The tool fails, with its words.</exception>
    public async Task<string> MustAsync(ToolCall call, CancellationToken cancellationToken) =>
        Whole(call.Tool, await RunAsync(call, cancellationToken).ConfigureAwait(false));

    /// <summary>A TCP socket inside; closed with the namespace.</summary>
    public int Socket(bool v4, SocketUser? user)
    {
        int made = NamespaceEntry.Socket(_made.Space, v4, user);
        _sockets.Add(made);
        return made;
    }

    /// <summary>From now on the device hears what is sent to that group of IPv6.</summary>
    public void Join(HostLink link, IPAddress group)
    {
        int socket = NamespaceEntry.Listener(_made.Space);
        _sockets.Add(socket);
        byte[] request = [.. group.GetAddressBytes(),
            .. BitConverter.GetBytes(FirstIndex + _devices.FindIndex(d => d.Name == link.Name))];
        _ = LinuxCalls.SetOption(socket, Ipv6Level, JoinIpv6Group, request, (uint)request.Length);
    }

    public void Close(int socket)
    {
        if (_sockets.Remove(socket))
        {
            _ = LinuxCalls.Close(socket);
        }
    }

    /// <summary>Makes a way to one more peer, by a device that is there.</summary>
    /// <exception cref="RehearsalException">It cannot be made.</exception>
    public Task AddRouteAsync(IPAddress peer, PeerRoute route, CancellationToken cancellationToken) =>
        route.Link is null ? Task.CompletedTask
            : MustAsync(new ToolCall("ip", ["-batch", "-"], Line(peer, route)), cancellationToken);

    /// <summary>What the kernel has traced since the last look.</summary>
    public IReadOnlyList<TraceStep> Traces()
    {
        var steps = new List<TraceStep>();
        while (LinuxCalls.Read(_made.Netlink, _buffer, (nuint)_buffer.Length) is var got && got > 0)
        {
            steps.AddRange(TraceMessages.Read(_buffer, (int)got));
        }

        return steps;
    }

    public void Dispose()
    {
        _files?.Dispose();
        foreach (int socket in _sockets)
        {
            _ = LinuxCalls.Close(socket);
        }

        foreach ((int tunnel, int packet) in _made.Devices)
        {
            Release(tunnel);
            Release(packet);
        }

        Release(_made.Netlink);
        Release(_made.Space);

        static void Release(int descriptor)
        {
            if (descriptor >= 0)
            {
                _ = LinuxCalls.Close(descriptor);
            }
        }
    }

    private async Task FurnishAsync(
        IReadOnlyList<HostLink> links, IEnumerable<HostLink> others,
        IReadOnlyList<(IPAddress Peer, PeerRoute Route)> peers, bool tunnels, CancellationToken cancellationToken)
    {
        ListenToTraces();
        var batch = new StringBuilder("link set lo up\n");
        for (int i = 0; i < links.Count; i++)
        {
            HostLink link = links[i];
            bool tunnel = tunnels && _made.Devices[i].Tunnel >= 0;
            if (tunnel)
            {
                MakeTunnel(_made.Devices[i].Tunnel, link, FirstIndex + i);
            }
            else
            {
                batch.Append(CultureInfo.InvariantCulture, $"link add {link.Name} index {FirstIndex + i} type veth")
                    .Append(CultureInfo.InvariantCulture, $" peer name {Far}{i}\n")
                    .Append(CultureInfo.InvariantCulture, $"link set {Far}{i} up\n");
            }

            byte[] mac = HostFilterReader.Mac(link.Mac) ?? [2, 0, 0, 0, 0, (byte)(i + 1)];
            bool ethernet = link.IsEthernet || !tunnel;
            if (ethernet)
            {
                batch.Append($"link set dev {link.Name} address {Text(mac)}\n");
            }

            batch.Append($"link set dev {link.Name} arp off\n");
            if (link.Group != "default")
            {
                batch.Append($"link set dev {link.Name} group {link.Group}\n");
            }

            batch.Append(Addresses(link));
            batch.Append($"link set dev {link.Name} up\n");
            _devices.Add(new RehearsalDevice(
                link.Name, tunnel ? _made.Devices[i].Tunnel : _made.Devices[i].Packet, ethernet ? mac : null));
        }

        HostLink[] all = [.. others];
        HostLink[] named = [.. all.Where(static other => other.Name != Loopback)];
        foreach (HostLink loopback in all.Except(named))
        {
            batch.Append(Addresses(loopback));
        }

        foreach ((IPAddress peer, PeerRoute route) in peers.Where(static p => p.Route.Link is not null))
        {
            batch.Append(Line(peer, route));
        }

        string rest = batch.ToString();
        ToolResult made = await RunAsync(Batch(static _ => "dummy"), cancellationToken).ConfigureAwait(false);
        if (named.Length > 0 && made.Output.TrimEnd().EndsWith("-:1", StringComparison.Ordinal))
        {
            // A kernel without such devices: it ended with the first line, so nothing is made yet.
            made = await RunAsync(Batch(static i => FormattableString.Invariant($"veth peer name {Far}-{i}")),
                cancellationToken).ConfigureAwait(false);
        }

        _ = Whole("ip", made);
        for (int i = 0; i < links.Count; i++)
        {
            if (_devices[i].Descriptor != _made.Devices[i].Tunnel)
            {
                await BindAsync(_made.Devices[i].Packet, i, cancellationToken).ConfigureAwait(false);
            }
        }

        ToolCall Batch(Func<int, string> kind) => new("ip", ["-batch", "-"], Named(named, kind) + rest);
    }

    private static string Whole(string tool, ToolResult result) =>
        result.Succeeded ? result.Output : throw new RehearsalException(
            $"The copy of this host's filter could not be made whole: {tool} says "
            + $"'{string.Join(' ', result.Output.Split('\n', Lines).Take(3))}'.");

    /// <summary>Links that rules name and no packet comes by.</summary>
    private static string Named(IEnumerable<HostLink> others, Func<int, string> kind) => string.Concat(
        others.Select((other, i) => $"link add {other.Name} type {kind(i)}\n"
            + (other.Group == "default" ? string.Empty : $"link set dev {other.Name} group {other.Group}\n")));

    // The loopback has its usual ones already.
    private static string Addresses(HostLink link) => string.Concat(link.Addresses
        .Where(static a => !IPAddress.IsLoopback(a.Address)).Select(a => string.Create(
            CultureInfo.InvariantCulture, $"addr add {Bare(a.Address)}/{a.Length} dev {link.Name}")
            + (a.Address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? " nodad\n" : "\n")));

    private void ListenToTraces()
    {
        // A socket without an address of its own is taken for the kernel's, and hears nothing.
        byte[] address = new byte[12];
        BinaryPrimitives.WriteInt16LittleEndian(address, LinuxCalls.Netlink);
        _ = LinuxCalls.Bind(_made.Netlink, address, (uint)address.Length);
        _ = LinuxCalls.SetOption(
            _made.Netlink, NetlinkLevel, JoinNetlinkGroup, BitConverter.GetBytes(TraceGroup), sizeof(int));

        // Ten thousand rules that log and go on are a long trace.
        _ = LinuxCalls.SetOption(
            _made.Netlink, SocketLevel, ForceReceiveBuffer, BitConverter.GetBytes(8 << 20), sizeof(int));
    }

    private static void MakeTunnel(int descriptor, HostLink link, int index)
    {
        byte[] request = new byte[40];
        Encoding.ASCII.GetBytes(link.Name).AsSpan(0, Math.Min(15, link.Name.Length)).CopyTo(request);
        BinaryPrimitives.WriteInt16LittleEndian(
            request.AsSpan(16), (short)((link.IsEthernet ? 2 : 1) | NoInformation));
        if (LinuxCalls.Control(descriptor, SetIndex, BitConverter.GetBytes(index)) != 0
            || LinuxCalls.Control(descriptor, SetInterface, request) != 0)
        {
            throw new RehearsalException(
                $"The device {link.Name} could not be made: "
                + System.Runtime.InteropServices.Marshal.GetPInvokeErrorMessage(
                    System.Runtime.InteropServices.Marshal.GetLastSystemError()) + ".");
        }
    }

    private async Task BindAsync(int packet, int number, CancellationToken cancellationToken)
    {
        string name = FormattableString.Invariant($"{Far}{number}");
        string said = await MustAsync(new ToolCall("ip", ["-j", "link", "show", "dev", name]), cancellationToken)
            .ConfigureAwait(false);
        int index = JArray.Parse(said)[0].Value<int>("ifindex");
        byte[] address = new byte[20];
        BinaryPrimitives.WriteInt16LittleEndian(address, LinuxCalls.Packet);
        BinaryPrimitives.WriteInt16BigEndian(address.AsSpan(2), 3);
        BinaryPrimitives.WriteInt32LittleEndian(address.AsSpan(4), index);
        if (LinuxCalls.Bind(packet, address, (uint)address.Length) != 0)
        {
            throw new RehearsalException($"The far end of {name} could not be listened to.");
        }
    }

    private static string Line(IPAddress peer, PeerRoute route)
    {
        string target = Bare(peer) + (peer.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork
            ? "/32" : "/128");
        return $"route replace {target} dev {route.Link!.Name}"
            + (peer.IsIPv6LinkLocal ? "\n" : $" src {Bare(route.Own)}\n");
    }

    private static string Bare(IPAddress address) => new IPAddress(address.GetAddressBytes()).ToString();

    private static string Text(byte[] mac) => string.Join(
        ':', mac.Select(static b => b.ToString("x2", CultureInfo.InvariantCulture)));
}
