using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>
/// A copy of a host's filter in an empty network namespace, and the kernel's own verdict on connections there. The host
/// is only read; no packet leaves it, and nothing is left when this object, or this process, is gone.
/// </summary>
internal sealed partial class FilterRehearsal : IAsyncDisposable
{
    // Each is a question of its own.
    private const int MostParts = 64;

    private readonly HostFilterReader _reader;
    private readonly HashSet<IPAddress> _nowhere = [];
    private readonly bool _macUnknown;
    private readonly RehearsalSpace _space;
    private readonly HostFilter _filter;
    private readonly Dictionary<IPAddress, PeerRoute> _routes;
    private readonly Dictionary<HostLink, IReadOnlyList<string>> _beside;
    private readonly ConnectionTrial _trial;
    private readonly ChainOrders _orders;
    private IReadOnlyList<FilterRehearsal> _turned = [];
    private IReadOnlyDictionary<string, Witness> _witnesses = new Dictionary<string, Witness>();
    private SavedCounters? _counters;
    private RulesetListing? _listing;
    private readonly IReadOnlyList<(int First, int Last)> _ports;

    private FilterRehearsal(
        HostFilterReader reader, RehearsalSpace space, HostFilter filter, Dictionary<IPAddress, PeerRoute> routes,
        Dictionary<HostLink, IReadOnlyList<string>> beside, SocketUser? user, ChainOrders orders)
    {
        _orders = orders;
        _reader = reader;
        _macUnknown = routes.Values.Any(static r => r is { Link.IsEthernet: true, PeerMac: null });
        _space = space;
        _filter = filter;
        _routes = routes;
        _beside = beside;
        _trial = new ConnectionTrial(space, user);
        _ports = DiallingPorts.Parts(filter.Text, filter.Sets);
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
        if (change?.Invoke(filter) is { } changed)
        {
            filter = changed.Native == filter.Native ? changed
                : changed with { Selectors = new Dictionary<string, int>() };
        }

        if (user?.Process is { } node && CgroupPrograms.AreThere(node))
        {
            filter = filter with { Beside = [.. filter.Beside, "a BPF program of the node's cgroup"] };
        }

        IPAddress[] bare = [.. peers.Select(PlainAddress.Of).Distinct()];
        PeerRoute?[] found = await Task.WhenAll(
            bare.Select(p => reader.RouteAsync(filter, p, cancellationToken))).ConfigureAwait(false);
        Dictionary<IPAddress, PeerRoute> routes = bare.Zip(found).Where(static p => p.Second is not null)
            .ToDictionary(static p => p.First, static p => p.Second!);
        if (routes.Count == 0)
        {
            throw new RehearsalException(
                $"This host has no way to {string.Join(", ", bare.Select(AnyPeer.Name).Distinct())}.");
        }

        HostLink[] links = [.. routes.Values.Select(r => filter.Bearer(r)).OfType<HostLink>().Distinct()];
        var beside = new Dictionary<HostLink, IReadOnlyList<string>>();
        foreach (HostLink link in links)
        {
            beside[link] = await reader.BesideAsync(link, cancellationToken).ConfigureAwait(false);
        }

        HostLink[] others = [.. filter.Links.Where(
            l => !links.Contains(l) && (l.Name == RehearsalSpace.Loopback || Names(filter.Text, l.Name)))];
        (IPAddress, PeerRoute)[] ways = [.. routes.Select(static r => (r.Key, r.Value))];
        ChainOrders orders = ChainOrders.Of(filter);
        Task<FilterRehearsal>[] copies = [.. orders.Each.Take(watched ? orders.Each.Count : 1).Select(CopyAsync)];
        try
        {
            FilterRehearsal[] made = await Task.WhenAll(copies).ConfigureAwait(false);
            made[0]._turned = made[1..];
            return made[0];
        }
        catch
        {
            foreach (Task<FilterRehearsal> copy in copies.Where(static c => c.IsCompletedSuccessfully))
            {
                await (await copy.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
            }

            throw;
        }

        async Task<FilterRehearsal> CopyAsync(IReadOnlyList<string> order)
        {
            RehearsalSpace space = await RehearsalSpace.CreateAsync(links, others, ways, tunnels, cancellationToken)
                .ConfigureAwait(false);
            var made = new FilterRehearsal(reader, space, filter, routes, beside, user, orders);
            try
            {
                made._witnesses = await new FilterLoader(
                    space, filter, order, new Uncertainty(made._macUnknown, user is null))
                    .LoadAsync(links, watched, cancellationToken).ConfigureAwait(false);
                return made;
            }
            catch
            {
                await made.DisposeAsync().ConfigureAwait(false);
                throw;
            }
        }
    }

    /// <summary>What the copy was made of.</summary>
    public HostFilter Filter => _filter;

    /// <summary>Whether this host has any address that the peer could meet.</summary>
    public bool CanAsk(IPAddress peer) => _routes.ContainsKey(PlainAddress.Of(peer));

    /// <summary>Makes one more peer known; false where that takes another copy.</summary>
    public async Task<bool> TryAddAsync(IPAddress peer, CancellationToken cancellationToken)
    {
        IPAddress bare = PlainAddress.Of(peer);
        if (_routes.ContainsKey(bare) || _nowhere.Contains(bare))
        {
            return true;
        }

        if (await _reader.RouteAsync(_filter, bare, cancellationToken).ConfigureAwait(false) is not { } route)
        {
            _nowhere.Add(bare);
            return true;
        }

        if (_filter.Bearer(route) is { } link && (!_beside.ContainsKey(link)
            || (!_macUnknown && route is { Link.IsEthernet: true, PeerMac: null })))
        {
            return false;
        }

        foreach (FilterRehearsal copy in All)
        {
            await copy._space.AddRouteAsync(bare, route, cancellationToken).ConfigureAwait(false);
        }

        _routes[bare] = route;
        return true;
    }

    /// <summary>Runs a tool of the host inside, as its writer would have the host run it.</summary>
    public async Task<ToolResult> RunAsync(ToolCall call, CancellationToken cancellationToken)
    {
        ToolResult[] said = await Task.WhenAll(All.Select(copy =>
        {
            copy._listing = null;
            copy._counters = null;
            return copy._space.RunAsync(call, cancellationToken);
        })).ConfigureAwait(false);
        return said[0];
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
        InEachOrderAsync(
            peer, copy => copy.FromAllPortsAsync(() => copy.AskInOnceAsync(peer, port, cancellationToken)));

    /// <summary>What becomes of a connection that this host's node begins to that port of the peer.</summary>
    public Task<RehearsalAnswer> AskOutAsync(IPAddress peer, int port, CancellationToken cancellationToken) =>
        InEachOrderAsync(
            peer, copy => copy.FromAllPortsAsync(() => copy.AskOutOnceAsync(peer, port, cancellationToken)));

    // Each copy has the chains of one hook and one priority in another order.
    private IEnumerable<FilterRehearsal> All => _turned.Prepend(this);

    private async Task<RehearsalAnswer> InEachOrderAsync(
        IPAddress peer, Func<FilterRehearsal, Task<RehearsalAnswer>> ask)
    {
        string? chains = _orders.Chains(PlainAddress.Of(peer).AddressFamily == AddressFamily.InterNetwork);
        RehearsalAnswer first = await ask(this).ConfigureAwait(false);
        if (chains is null || first.Verdict == RehearsalVerdict.Unknown)
        {
            return first;
        }

        if (_orders.AreTooMany)
        {
            return OfOrder(chains, first, first);
        }

        foreach (FilterRehearsal copy in _turned)
        {
            RehearsalAnswer answer = await ask(copy).ConfigureAwait(false);
            if (answer.Verdict == RehearsalVerdict.Unknown)
            {
                return answer;
            }

            if (answer.IsDenied != first.IsDenied)
            {
                return OfOrder(chains, first, answer);
            }
        }

        return first;
    }

    private static RehearsalAnswer OfOrder(string chains, RehearsalAnswer first, RehearsalAnswer other) =>
        RehearsalAnswer.Unknown(
            "It may depend on which of two chains of one hook and one priority comes first, which no listing says: "
            + $"{chains}.") with
        {
            DeniedBy = first is { IsDenied: true, OnlyAnswerDenied: false } ? first.DeniedBy
                : other.OnlyAnswerDenied ? null : other.DeniedBy,
        };

    /// <summary>
    /// Which port a connection comes from nobody knows beforehand: where rules compare ports, the answer has to be the
    /// same from each part of those that systems give.
    /// </summary>
    private async Task<RehearsalAnswer> FromAllPortsAsync(Func<Task<RehearsalAnswer>> once)
    {
        if (_ports.Count > MostParts)
        {
            return RehearsalAnswer.Unknown(string.Create(
                CultureInfo.InvariantCulture,
                $"Its rules divide the ports that connections come from into more than {MostParts} parts."));
        }

        RehearsalAnswer? first = null;
        foreach ((int First, int Last) part in _ports)
        {
            _trial.From = part;
            RehearsalAnswer answer = await InTimeAsync(once).ConfigureAwait(false);
            if (first is not null && answer.Verdict != first.Verdict)
            {
                return RehearsalAnswer.Unknown(
                    "It depends on the port that the dialling end happens to have: "
                    + $"from one it is '{first.Reason}', from another '{answer.Reason}'.") with
                {
                    DeniedBy = first.DeniedBy ?? answer.DeniedBy,
                };
            }

            first ??= answer;
        }

        return first!;
    }

    // A verdict needs a rule that was seen to decide: where none was in time, the question is asked with more time.
    private async Task<RehearsalAnswer> InTimeAsync(Func<Task<RehearsalAnswer>> once)
    {
        RehearsalAnswer answer = await once().ConfigureAwait(false);
        if (answer.Reason != RehearsalJudge.NothingSeen)
        {
            return answer;
        }

        _trial.IsPatient = true;
        answer = await once().ConfigureAwait(false);
        _trial.IsPatient = false;
        return answer;
    }

    private async Task<RehearsalAnswer> AskInOnceAsync(IPAddress peer, int port, CancellationToken cancellationToken)
    {
        IPAddress from = PlainAddress.Of(peer);
        PeerRoute route = _routes[from];
        await ReadyAsync(cancellationToken).ConfigureAwait(false);
        return route.Link is null
            ? await AskWithinAsync(new IPEndPoint(route.Own, port), cancellationToken).ConfigureAwait(false)
            : !_trial.Listens(port, from.AddressFamily == AddressFamily.InterNetwork) ? NoSocket(port)
            : await JudgeAsync(_trial.In(route, from, port), from, cancellationToken).ConfigureAwait(false);
    }

    private async Task<RehearsalAnswer> AskOutOnceAsync(IPAddress peer, int port, CancellationToken cancellationToken)
    {
        IPAddress to = PlainAddress.Of(peer);
        PeerRoute route = _routes[to];
        await ReadyAsync(cancellationToken).ConfigureAwait(false);
        if (route.Link is null)
        {
            return await AskWithinAsync(new IPEndPoint(to, port), cancellationToken).ConfigureAwait(false);
        }

        // Closed before the counters are read: its own farewell is not of this question.
        return await JudgeAsync(_trial.Out(route, to, port), to, cancellationToken).ConfigureAwait(false);
    }

    private async Task<RehearsalAnswer> AskWithinAsync(IPEndPoint to, CancellationToken cancellationToken)
    {
        if (!_trial.Listens(to.Port, to.AddressFamily == AddressFamily.InterNetwork))
        {
            return NoSocket(to.Port);
        }

        RehearsalObservation seen = _trial.Within(to);

        // Where nothing was sent no filter has spoken.
        return seen.Steps.Count == 0 && seen.Verdict != RehearsalVerdict.Open
            ? RehearsalAnswer.Unknown(
                $"No connection of this host to its own address {to.Address} can be made in the copy.")
            : await JudgeAsync(seen, to.Address, cancellationToken).ConfigureAwait(false);
    }

    private static RehearsalAnswer NoSocket(int port) =>
        RehearsalAnswer.Unknown($"No socket could be made for port {port} in the copy.");

    public ValueTask DisposeAsync()
    {
        foreach (FilterRehearsal copy in All)
        {
            copy._space.Dispose();
        }

        return ValueTask.CompletedTask;
    }

    private static bool Names(string text, string name) =>
        Regex.IsMatch(text, $"(?<![\\w.-]){Regex.Escape(name)}(?![\\w.-])", RegexOptions.None, TimeSpan.FromSeconds(1));

    private async Task<RehearsalAnswer> JudgeAsync(
        RehearsalObservation seen, IPAddress peer, CancellationToken cancellationToken)
    {
        HostLink? link = _routes.GetValueOrDefault(peer)?.Link;
        string family = peer.AddressFamily == AddressFamily.InterNetwork ? "ip" : "ip6";
        RulesetListing listing = _listing ??= await RulesetListing.OfAsync(
            _space, cancellationToken).ConfigureAwait(false);
        IReadOnlyList<SavedCount> counted = _counters is null
            ? []
            : [.. (await _counters.MovedAsync(cancellationToken).ConfigureAwait(false))
                .Where(c => c.Tables.Family == family)];
        FiredWitness[] fired = [
            .. seen.Steps.Select(s => (Step: s, Witness: Named(listing.Rule(s))))
                .Where(static f => f.Witness is not null)
                .Select(f => new FiredWitness(f.Witness!, seen.Steps.Any(s => s.Chain == f.Step.Chain
                    && s.Table == f.Step.Table && s.Family == f.Step.Family
                    && listing.Place(s) == listing.Place(f.Step) + 1))),
            .. counted.Select(c => (Count: c, Witness: Named(c.Line))).Where(static f => f.Witness is not null)
                .Select(f => new FiredWitness(f.Witness!, counted.Any(c => c.Tables == f.Count.Tables
                    && c.Table == f.Count.Table && c.Place == f.Count.Place + 1)))];
        return RehearsalJudge.Judge(
            seen, fired, listing, counted, _filter, [.. _filter.Beside, .. link is null ? [] : _beside[link]]) with
        {
            Chains = [.. seen.Steps.Select(static s => s.Chain).Concat(counted.Select(static c => c.Chain)).Distinct()],
        };
    }

    private Witness? Named(string? rule) => rule is not null && Mark().Match(rule) is { Success: true } mark
        ? _witnesses.GetValueOrDefault(mark.Value)
        : null;

    private async Task ReadyAsync(CancellationToken cancellationToken)
    {
        if (_counters is null && _filter.Saved.Count > 0)
        {
            _counters = new SavedCounters(_space, _filter.Saved);
            _ = await _counters.MovedAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    [GeneratedRegex(
        @"\[\d+:\d+\]|packets \d+ bytes \d+| used (never|\d+\w*( \w*bytes)?)|^#.*$", RegexOptions.Multiline)]
    private static partial Regex Counts();

    [GeneratedRegex(Witness.Prefix + @"\d+")]
    private static partial Regex Mark();
}
