using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Tools;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Faults.Rulesets;

/// <summary>
/// A host with a filter and a peer beside it, two namespaces and a link between them that is of nobody else's: what the
/// product says of the filter is held against connections that are really made.
/// </summary>
internal sealed class RulesetHost : IDisposable
{
    public const int OutPort = 40815;
    public static readonly int[] Ports = [40814, 22];

    public static readonly IPAddress[] Peers =
        [IPAddress.Parse("10.77.0.2"), IPAddress.Parse("10.77.0.9"), IPAddress.Parse("fd00:77::2")];

    // What connections come from; a rule for a range of services does not meet them by chance.
    private const int FirstPort = 52000;
    private const int LastPort = 60999;

    private static readonly IPAddress[] Own = [IPAddress.Parse("10.77.0.1"), IPAddress.Parse("fd00:77::1")];
    private static readonly TimeSpan LongPatience = TimeSpan.FromSeconds(30);
    private readonly NetworkNamespace _host = NetworkNamespace.CreateAlone();
    private readonly NetworkNamespace _peer = NetworkNamespace.CreateAlone();
    private readonly List<Socket> _listeners = [];
    private int _last = LastPort;

    public RulesetHost()
    {
        Filter = new FilterSpace(_host);
        try
        {
            string[] macs = ["02:00:00:77:00:01", "02:00:00:77:00:02"];
            Ip(_host, $"link add eth0 address {macs[0]} type veth peer name p0 address {macs[1]} netns {_peer.Name}\n");
            (NetworkNamespace, string, IPAddress[], string, IPAddress[])[] ends = [
                (_host, "eth0", Own, macs[1], Peers), (_peer, "p0", Peers, macs[0], Own)];
            foreach ((NetworkNamespace at, string link, IPAddress[] own, string other, IPAddress[] others) in ends)
            {
                // A filter that drops neighbour discovery would keep every connection out, whatever it says of TCP.
                Ip(at, $"link set {link} up\n" + string.Concat(own.Select(one => V4(one)
                    ? $"addr add {one}/24 dev {link}\n" : $"addr add {one}/64 dev {link} nodad\n"))
                    + string.Concat(others.Select(
                        one => $"neigh replace {one} lladdr {other} dev {link} nud permanent\n")));
            }

            _listeners.AddRange(Ports.Append(8080).Select(p => Listen(_host, p)));
            _listeners.Add(Listen(_peer, OutPort));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>After how long a connection is called denied that nothing refuses.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMilliseconds(400);

    /// <summary>The host's filter.</summary>
    public FilterSpace Filter { get; }

    public Task<ToolResult> RunAsync(ToolCall call, CancellationToken cancellationToken) =>
        Filter.RunAsync(call, cancellationToken);

    public Task<ToolResult> RunAsync(
        string tool, IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        RunAsync(new ToolCall(tool, arguments), cancellationToken);

    public Task<string> DumpAsync() => Filter.DumpAsync();

    /// <summary>From now on the peer has to find out by itself which interface the host has.</summary>
    public void LetPeerLook() => Ip(_peer, string.Concat(Own.Select(static one => $"neigh del {one} dev p0\n")));

    /// <summary>Makes the connections in earnest, all at once.</summary>
    /// <returns>True: connected; false: denied.</returns>
    public async Task<bool[]> TryAsync(IReadOnlyList<Question> questions, bool patient = false)
    {
        Socket[] sockets = [.. questions.Select(Open)];
        try
        {
            bool[] connected = await Task.WhenAll(questions.Zip(sockets).Select(async pair =>
            {
                using var bound = new CancellationTokenSource(patient ? LongPatience : Patience);
                try
                {
                    await pair.Second.ConnectAsync(
                        pair.First.Flow == RuleFlow.In
                            ? new IPEndPoint(Own[V4(pair.First.Peer) ? 0 : 1], pair.First.Port)
                            : new IPEndPoint(pair.First.Peer, pair.First.Port),
                        bound.Token);
                    return true;
                }
                catch (Exception e) when (e is OperationCanceledException or SocketException)
                {
                    return false;
                }
            }));

            // A filter may drop the packet that makes it whole: then only the end that began is connected.
            var heard = new HashSet<EndPoint>();
            return [.. connected.Select((open, i) =>
                open && IsHeard(questions[i], sockets[i], heard, patient ? LongPatience : Patience))];
        }
        finally
        {
            Array.ForEach(sockets, static s => s.Dispose());
            _listeners.ForEach(static l => _ = Taken(l).Count());
        }
    }

    // By the peer's end: the host's filter may change where a connection of the host's own comes from.
    private bool IsHeard(Question question, Socket socket, HashSet<EndPoint> heard, TimeSpan patience)
    {
        EndPoint peer = question.Flow == RuleFlow.In
            ? Plain(socket.LocalEndPoint) : new IPEndPoint(question.Peer, question.Port);
        long start = Stopwatch.GetTimestamp();
        while (!heard.Contains(peer) && patience - Stopwatch.GetElapsedTime(start) is { Ticks: > 0 } left)
        {
            List<Socket> ready = [.. _listeners];
            Socket.Select(ready, null, null, left);
            ready.ForEach(l => heard.UnionWith(Taken(l).Select(
                end => Plain(l == _listeners[^1] ? end.Local : end.Remote))));
        }

        return heard.Contains(peer);
    }

    private static IPEndPoint Plain(EndPoint? end) =>
        new(PlainAddress.Of(((IPEndPoint)end!).Address), ((IPEndPoint)end).Port);

    // What nobody takes stays at the listening end, fills its queue, and meets a later connection from the same port.
    private static IEnumerable<(EndPoint? Local, EndPoint? Remote)> Taken(Socket listener)
    {
        while (listener.Poll(TimeSpan.Zero, SelectMode.SelectRead))
        {
            using Socket taken = listener.Accept();
            taken.LingerState = new LingerOption(true, 0);
            yield return (taken.LocalEndPoint, taken.RemoteEndPoint);
        }
    }

    public void Dispose()
    {
        _listeners.ForEach(static l => l.Dispose());
        _host.Dispose();
        _peer.Dispose();
    }

    private Socket Open(Question question) => (question.Flow == RuleFlow.In ? _peer : _host).Make(() =>
    {
        var socket = new Socket(question.Peer.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        IPAddress from = question.Flow == RuleFlow.In ? question.Peer
            : V4(question.Peer) ? IPAddress.Any : IPAddress.IPv6Any;
        for (int tries = 0; ; tries++)
        {
            try
            {
                // Not one that was used lately: the kernel would take up again what it tracked under other rules.
                _last = _last == LastPort ? FirstPort : _last + 1;
                socket.Bind(new IPEndPoint(from, _last));
                return socket;
            }
            catch (SocketException e) when (
                e.SocketErrorCode == SocketError.AddressAlreadyInUse && tries < LastPort - FirstPort)
            {
            }
        }
    });

    private static Socket Listen(NetworkNamespace at, int port) => at.Make(() =>
    {
        var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp) { DualMode = true };
        socket.Bind(new IPEndPoint(IPAddress.IPv6Any, port));
        socket.Listen(512);
        return socket;
    });

    private static bool V4(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork;

    private static void Ip(NetworkNamespace at, string batch)
    {
        using Process process = Process.Start(
            new ProcessStartInfo("ip", ["-n", at.Name, "-batch", "-"]) { RedirectStandardInput = true })!;
        process.StandardInput.Write(batch);
        process.StandardInput.Close();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"ip {batch} ended with {process.ExitCode}.");
        }
    }
}
