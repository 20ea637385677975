using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>
/// A copy of a host's filter in an empty network namespace, and the kernel's own verdict on connections there. The host
/// is only read; no packet leaves it, and nothing is left when this object, or this process, is gone.
/// </summary>
internal sealed partial class FilterRehearsal : IAsyncDisposable
{
    // Of those that a system gives to who begins a connection, above what a rule for a service is likely to name.
    private const int OwnPorts = 52000;
    private const int FirstOwnPort = 32768;
    private const int LastOwnPorts = 60600;

    private readonly HostFilterReader _reader;
    private readonly HashSet<IPAddress> _nowhere = [];
    private readonly bool _macUnknown;
    private readonly RehearsalSpace _space;
    private readonly HostFilter _filter;
    private readonly Dictionary<IPAddress, PeerRoute> _routes;
    private readonly Dictionary<HostLink, IReadOnlyList<string>> _beside;
    private readonly SocketUser? _user;
    private readonly Dictionary<int, bool> _listening = [];
    private readonly Dictionary<string, Witness> _witnesses = new(StringComparer.Ordinal);
    private SavedCounters? _counters;
    private RulesetListing? _listing;
    private readonly bool _asksForSource;
    private int _ownPorts = OwnPorts;
    private int _asked;

    private FilterRehearsal(
        HostFilterReader reader, RehearsalSpace space, HostFilter filter, Dictionary<IPAddress, PeerRoute> routes,
        Dictionary<HostLink, IReadOnlyList<string>> beside, SocketUser? user)
    {
        _reader = reader;
        _macUnknown = routes.Values.Any(static r => r is { Link.IsEthernet: true, PeerMac: null });
        _space = space;
        _filter = filter;
        _routes = routes;
        _beside = beside;
        _user = user;
        _asksForSource = SourcePort().IsMatch(filter.Text);
    }

    /// <summary>Whether this process may make a rehearsal; else why not, for people.</summary>
    public static string? WhyNot => RehearsalRights.WhyNot;

    /// <summary>Reads a host's filter and makes a copy of it for questions about these peers.</summary>
    /// <param name="run">The host's tools.</param>
    /// <param name="peers">Whom questions will be about.</param>
    /// <param name="user">Whose the node's sockets are; null where that is not known.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <param name="change">What to change in the copy before it is loaded.</param>
    /// <param name="watched">Without, it holds the host's rules and nothing else, and is not asked.</param>
    /// <param name="tunnels">Without, devices are made of pairs of links, as where there is no /dev/net/tun.</param>
    /// <exception cref="RehearsalException">No copy can be made; its message says why.</exception>
    public static async Task<FilterRehearsal> OpenAsync(
        Func<string, IReadOnlyList<string>, CancellationToken, Task<ToolResult>> run, IReadOnlyList<IPAddress> peers,
        SocketUser? user, CancellationToken cancellationToken, bool tunnels = true,
        Func<HostFilter, HostFilter>? change = null, bool watched = true)
    {
        if (WhyNot is { } why)
        {
            throw new RehearsalException(why);
        }

        var reader = new HostFilterReader(run);
        HostFilter filter = await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        filter = change is null ? filter : change(filter);
        if (user?.Process is { } node && CgroupPrograms.AreThere(node))
        {
            filter = filter with { Beside = [.. filter.Beside, "a BPF program of the node's cgroup"] };
        }

        IPAddress[] bare = [.. peers.Select(Plain).Distinct()];
        PeerRoute?[] found = await Task.WhenAll(
            bare.Select(p => reader.RouteAsync(filter, p, cancellationToken))).ConfigureAwait(false);
        Dictionary<IPAddress, PeerRoute> routes = bare.Zip(found).Where(static p => p.Second is not null)
            .ToDictionary(static p => p.First, static p => p.Second!);
        if (routes.Count == 0)
        {
            throw new RehearsalException($"This host has no way to {string.Join(", ", bare.Select(static b => b))}.");
        }

        HostLink[] links = [.. routes.Values.Select(static r => r.Link).OfType<HostLink>().Distinct()];
        var beside = new Dictionary<HostLink, IReadOnlyList<string>>();
        foreach (HostLink link in links)
        {
            beside[link] = await reader.BesideAsync(link, cancellationToken).ConfigureAwait(false);
        }

        IEnumerable<HostLink> others = filter.Links.Where(
            l => l.Name != "lo" && !links.Contains(l) && Names(filter.Text, l.Name));
        RehearsalSpace space = await RehearsalSpace.CreateAsync(
            links, others, [.. routes.Select(static r => (r.Key, r.Value))], tunnels, cancellationToken)
            .ConfigureAwait(false);
        var made = new FilterRehearsal(reader, space, filter, routes, beside, user);
        try
        {
            await made.LoadAsync(links, watched, cancellationToken).ConfigureAwait(false);
            return made;
        }
        catch
        {
            await made.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>What the copy was made of.</summary>
    public HostFilter Filter => _filter;

    /// <summary>Whether this host has any address that the peer could meet.</summary>
    public bool CanAsk(IPAddress peer) => _routes.ContainsKey(Plain(peer));

    /// <summary>Makes one more peer known; false where that takes another copy.</summary>
    public async Task<bool> TryAddAsync(IPAddress peer, CancellationToken cancellationToken)
    {
        IPAddress bare = Plain(peer);
        if (_routes.ContainsKey(bare) || _nowhere.Contains(bare))
        {
            return true;
        }

        if (await _reader.RouteAsync(_filter, bare, cancellationToken).ConfigureAwait(false) is not { } route)
        {
            _nowhere.Add(bare);
            return true;
        }

        if (route.Link is { } link && (!_beside.ContainsKey(link)
            || (!_macUnknown && route is { Link.IsEthernet: true, PeerMac: null })))
        {
            return false;
        }

        await _space.AddRouteAsync(bare, route, cancellationToken).ConfigureAwait(false);
        _routes[bare] = route;
        return true;
    }

    /// <summary>Runs a tool of the host inside, as its writer would have the host run it.</summary>
    public Task<ToolResult> RunAsync(ToolCall call, CancellationToken cancellationToken)
    {
        _listing = null;
        _counters = null;
        return _space.RunAsync(call, cancellationToken);
    }

    /// <summary>The rules inside, without what packets change: two of them are the same when the rules are.</summary>
    public async Task<string> DumpAsync(CancellationToken cancellationToken)
    {
        var texts = new List<string>();
        if (_filter.Native.Length > 0 || _filter.Saved.Any(static s => s.Manager == "iptables-nft"))
        {
            texts.Add(await _space.MustAsync(new ToolCall("nft", ["-t", "list", "ruleset"]), cancellationToken)
                .ConfigureAwait(false));
        }

        foreach (SavedTables saved in _filter.Saved)
        {
            texts.Add(await _space.MustAsync(new ToolCall(saved.Tool + "-save", []), cancellationToken)
                .ConfigureAwait(false));
        }

        return Counts().Replace(string.Join('\n', texts), string.Empty);
    }

    /// <summary>From now on tools inside see these files in the place of the host's; they go with this
    /// object.</summary>
    public void Cover(RehearsalFiles files) => _space.Cover(files);

    /// <summary>What iptables has inside now.</summary>
    public Task<IReadOnlyList<SavedTables>> SavedAsync(CancellationToken cancellationToken) => new HostFilterReader(
        (tool, arguments, token) => _space.RunAsync(new ToolCall(tool, arguments), token))
        .SavedAsync(cancellationToken);

    /// <summary>What becomes of a connection that the peer begins to that port of this host.</summary>
    public Task<RehearsalAnswer> AskInAsync(IPAddress peer, int port, CancellationToken cancellationToken) =>
        FromAllPortsAsync(() => AskInOnceAsync(peer, port, cancellationToken));

    /// <summary>What becomes of a connection that this host's node begins to that port of the peer.</summary>
    public Task<RehearsalAnswer> AskOutAsync(IPAddress peer, int port, CancellationToken cancellationToken) =>
        FromAllPortsAsync(() => AskOutOnceAsync(peer, port, cancellationToken));

    /// <summary>
    /// Where rules ask for the port that a connection comes from, which nobody knows beforehand, the answer has to be
    /// the same from the first of those that systems give, from the last, and from one between.
    /// </summary>
    private async Task<RehearsalAnswer> FromAllPortsAsync(Func<Task<RehearsalAnswer>> ask)
    {
        RehearsalAnswer answer = await ask().ConfigureAwait(false);
        if (!_asksForSource)
        {
            return answer;
        }

        foreach (int first in (int[])[FirstOwnPort, LastOwnPorts])
        {
            _ownPorts = first;
            RehearsalAnswer other = await ask().ConfigureAwait(false);
            _ownPorts = OwnPorts;
            if (other.Verdict != answer.Verdict)
            {
                return RehearsalAnswer.Unknown(
                    "It depends on the port that the dialling end happens to have: "
                    + $"from one it is '{answer.Reason}', from another '{other.Reason}'.");
            }
        }

        return answer;
    }

    private async Task<RehearsalAnswer> AskInOnceAsync(IPAddress peer, int port, CancellationToken cancellationToken)
    {
        IPAddress from = Plain(peer);
        PeerRoute route = _routes[from];
        await ReadyAsync(cancellationToken).ConfigureAwait(false);
        if (!Listens(port, from.AddressFamily == AddressFamily.InterNetwork))
        {
            return RehearsalAnswer.Unknown($"No socket could be made for port {port} in the copy.");
        }

        if (route.Link is null)
        {
            return await AskWithinAsync(new IPEndPoint(route.Own, port), cancellationToken).ConfigureAwait(false);
        }

        (RehearsalObservation seen, int? redirected) = Knock(route, from, port);
        if (redirected is { } there && Listens(there, from.AddressFamily == AddressFamily.InterNetwork))
        {
            (seen, _) = Knock(route, from, port);
            seen = seen with { Redirected = there };
        }

        return await JudgeAsync(seen, from, cancellationToken).ConfigureAwait(false);
    }

    private async Task<RehearsalAnswer> AskOutOnceAsync(IPAddress peer, int port, CancellationToken cancellationToken)
    {
        IPAddress to = Plain(peer);
        PeerRoute route = _routes[to];
        await ReadyAsync(cancellationToken).ConfigureAwait(false);
        if (route.Link is null)
        {
            return Listens(port, to.AddressFamily == AddressFamily.InterNetwork)
                ? await AskWithinAsync(new IPEndPoint(to, port), cancellationToken).ConfigureAwait(false)
                : RehearsalAnswer.Unknown($"No socket could be made for port {port} in the copy.");
        }

        // Closed before the counters are read: its own farewell is not of this question.
        return await JudgeAsync(Dial(route, to, port), to, cancellationToken).ConfigureAwait(false);
    }

    private RehearsalObservation Dial(PeerRoute route, IPAddress to, int port)
    {
        RehearsalDevice device = _space.Device(route.Link!);
        int socket = _space.Socket(to.AddressFamily == AddressFamily.InterNetwork, _user);
        try
        {
            Forget(device);
            int fault = InnerSocket.Connect(socket, new IPEndPoint(to, port), NextPort());
            SeenPacket? syn = null;
            TimeSpan patience = TimeSpan.FromMilliseconds(fault == 0 ? 60 : 0);
            var steps = new List<TraceStep>(_space.Traces());
            if (steps.Any(static s => s.Verdict == TraceVerdict.Drop))
            {
                patience = TimeSpan.Zero;
            }

            while ((syn = device.Next(patience)) is { } next && (next.Flags & PacketFrame.SynAck) != PacketFrame.Syn)
            {
                // A router solicitation or the like.
            }

            bool passes = syn is not null;
            int denials = steps.Count;
            if (syn is not null)
            {
                device.Send(
                    PacketFrame.Segment(syn.To, syn.From, PacketFrame.SynAck, 5000, syn.Sequence + 1), route.PeerMac);
            }

            int? state = fault != 0 ? fault : InnerSocket.State(socket, passes ? 100 : 0);
            steps.AddRange(_space.Traces());
            bool open = passes && state == 0;
            return new RehearsalObservation(
                open ? RehearsalVerdict.Open
                    : state is 111 or 113 or 101 && !passes ? RehearsalVerdict.Rejected : RehearsalVerdict.Dropped,
                state == 111 ? "tcp reset or port-unreachable" : "icmp unreachable", steps)
            {
                OnlyAnswerDenied = passes && !open,
                AnswerFrom = denials,
                Arrived = passes,
                SentTo = syn is not null && !syn.To.Equals(new IPEndPoint(to, port)) ? syn.To : null,
                ComesBack = steps.Take(denials).Any(static s => s.Chain == RehearsalTables.Arrived)
                    && !steps.Any(static s => s.Verdict is TraceVerdict.Drop or TraceVerdict.Stolen),
            };
        }
        finally
        {
            _space.Close(socket);
        }
    }

    public ValueTask DisposeAsync()
    {
        _space.Dispose();
        return ValueTask.CompletedTask;
    }

    internal static IPAddress Plain(IPAddress address) =>
        address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    private static bool Names(string text, string name) =>
        Regex.IsMatch(text, $"(?<![\\w.-]){Regex.Escape(name)}(?![\\w.-])", RegexOptions.None, TimeSpan.FromSeconds(1));

    private (RehearsalObservation Seen, int? Redirected) Knock(PeerRoute route, IPAddress from, int port)
    {
        RehearsalDevice device = _space.Device(route.Link!);
        Forget(device);
        var source = new IPEndPoint(from, NextPort());
        var target = new IPEndPoint(route.Own, port);
        device.Send(PacketFrame.Segment(source, target, PacketFrame.Syn), route.PeerMac);
        var steps = new List<TraceStep>(_space.Traces());
        bool dropped = steps.Any(static s => s.Verdict == TraceVerdict.Drop);
        SeenPacket? answer;

        // The kernel has judged before the writing returned: what is to come is there, but for a busy machine.
        TimeSpan patience = TimeSpan.FromMilliseconds(dropped ? 0 : 60);
        while ((answer = device.Next(patience)) is not null && !(answer.Refusal.Length > 0
            ? answer.To.Address.Equals(from)
            : answer.To.Port == source.Port && answer.To.Address.Equals(from)))
        {
            // Not for this question.
        }

        steps.AddRange(_space.Traces());
        int arrived = steps.FindIndex(static s => s.Chain == RehearsalTables.Arrived);
        if (answer is not null && (answer.Flags & PacketFrame.SynAck) == PacketFrame.SynAck)
        {
            // Nobody goes on with it: it must not be sent again into a later question.
            device.Send(
                PacketFrame.Segment(source, target, PacketFrame.Reset, 1001), route.PeerMac);
        }

        RehearsalVerdict verdict = answer is null ? RehearsalVerdict.Dropped
            : answer.Refusal.Length == 0 && (answer.Flags & PacketFrame.SynAck) == PacketFrame.SynAck
                ? RehearsalVerdict.Open : RehearsalVerdict.Rejected;
        int? elsewhere = arrived >= 0 && steps[arrived].Port is var there && there != 0 && there != port ? there : null;
        return (
            new RehearsalObservation(
                verdict, answer is null ? string.Empty : answer.Refusal.Length > 0 ? answer.Refusal : "tcp "
                    + "reset", steps)
            {
                Arrived = arrived >= 0,
                OnlyAnswerDenied = arrived >= 0 && verdict == RehearsalVerdict.Dropped,
                AnswerFrom = arrived + 1,
            },
            elsewhere);
    }

    private Task<RehearsalAnswer> AskWithinAsync(IPEndPoint to, CancellationToken cancellationToken)
    {
        int socket = _space.Socket(to.AddressFamily == AddressFamily.InterNetwork, _user);
        RehearsalObservation seen;
        try
        {
            _ = _space.Traces();
            int fault = InnerSocket.Connect(socket, to);
            int? state = fault != 0 ? fault : InnerSocket.State(socket, 100);
            seen = new RehearsalObservation(
                state switch
                {
                    0 => RehearsalVerdict.Open,
                    111 or 113 or 101 => RehearsalVerdict.Rejected,
                    _ => RehearsalVerdict.Dropped,
                },
                state == 111 ? "tcp reset or port-unreachable" : "icmp unreachable", _space.Traces())
            { Arrived = state == 0 };
        }
        finally
        {
            _space.Close(socket);
        }

        return JudgeAsync(seen, to.Address, cancellationToken);
    }

    private int NextPort() => _ownPorts + (_asked++ % (_ownPorts == OwnPorts ? 8000 : 400));

    private bool Listens(int port, bool v4)
    {
        if (_listening.TryGetValue(port, out bool both))
        {
            return both || v4;
        }

        foreach (bool four in (bool[])[false, true])
        {
            int socket = _space.Socket(four, _user);
            if (InnerSocket.Listen(socket, four, port))
            {
                _listening[port] = !four;
                return !four || v4;
            }

            _space.Close(socket);
        }

        return false;
    }

    private void Forget(RehearsalDevice device)
    {
        device.Drain();
        _ = _space.Traces();
    }

    [GeneratedRegex(@"\[\d+:\d+\]|packets \d+ bytes \d+|^#.*$", RegexOptions.Multiline)]
    private static partial Regex Counts();

    [GeneratedRegex(@"\bsport\b|--sports?\b|--source-ports?\b|--ports\b|@th,0,")]
    private static partial Regex SourcePort();

    [GeneratedRegex(Witness.Prefix + @"\d+")]
    private static partial Regex Mark();
}
