using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>One copy of a host's filter, whose chains were registered in one order, and the kernel's verdicts
/// there.</summary>
internal sealed partial class FilterCopy : IDisposable
{
    // Each is a question of its own.
    private const int MostParts = 64;

    private readonly CopiedHost _host;
    private readonly RehearsalSpace _space;
    private readonly ConnectionTrial _trial;
    private readonly NeighbourTrial _neighbours;
    private readonly IReadOnlyList<(int First, int Last)> _ports;
    private readonly IReadOnlyList<PacketSort> _sorts;
    private IReadOnlyDictionary<string, Witness> _witnesses = new Dictionary<string, Witness>();
    private readonly Dictionary<string, SavedCounters> _counters = new(StringComparer.Ordinal);
    private readonly Dictionary<(IPAddress Peer, string Rule), RehearsalAnswer> _rejected = [];
    private RulesetListing? _listing;

    private FilterCopy(CopiedHost host, RehearsalSpace space)
    {
        _host = host;
        _space = space;
        _trial = new ConnectionTrial(space, host.User);
        _neighbours = new NeighbourTrial(space);
        _ports = DiallingPorts.Parts(host.Filter.Text, host.Filter.Sets);
        _sorts = PacketSort.Of(host.Filter.Native);
    }

    /// <param name="host">What to copy.</param>
    /// <param name="order">The chains whose order matters, those that are registered first first.</param>
    /// <param name="tunnels">Without, devices are made of pairs of links, as where there is no /dev/net/tun.</param>
    /// <param name="watched">Whether rules whose effect changes get a witness.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="RehearsalException">It cannot be made whole; its message says why.</exception>
    public static async Task<FilterCopy> MakeAsync(
        CopiedHost host, IReadOnlyList<HookEntry> order, bool tunnels, bool watched,
        CancellationToken cancellationToken)
    {
        HostFilter filter = host.Filter;
        HostLink[] links = [.. host.Beside.Keys];
        HostLink[] others = [.. filter.Links.Where(
            l => !links.Contains(l) && (l.Name == RehearsalSpace.Loopback || filter.Names(l.Name)))];
        var copy = new FilterCopy(host, await RehearsalSpace.CreateAsync(
            links, others, [.. host.Routes.Select(static r => (r.Key, r.Value))], tunnels, cancellationToken)
            .ConfigureAwait(false));
        try
        {
            copy._witnesses = await new FilterLoader(
                copy._space, filter, order, new Uncertainty(host.MacUnknown, host.User is null))
                .LoadAsync(links, watched, cancellationToken).ConfigureAwait(false);
            return copy;
        }
        catch
        {
            copy.Dispose();
            throw;
        }
    }

    /// <summary>Makes a way to one more peer.</summary>
    public Task AddRouteAsync(IPAddress peer, PeerRoute route, CancellationToken cancellationToken) =>
        _space.AddRouteAsync(peer, route, cancellationToken);

    /// <summary>Runs a tool of the host inside.</summary>
    public Task<ToolResult> RunAsync(ToolCall call, CancellationToken cancellationToken)
    {
        _listing = null;
        _counters.Clear();
        _neighbours.Forget();
        return _space.RunAsync(call, cancellationToken);
    }

    /// <summary>The rules inside, without what packets change: two of them are the same when the rules are.</summary>
    public async Task<string> DumpAsync(CancellationToken cancellationToken)
    {
        var texts = new List<string>();
        if (_host.Filter.Native.Length > 0 || _host.Filter.Saved.Any(static s => s.Manager == "iptables-nft"))
        {
            texts.Add(await _space.MustAsync(new ToolCall("nft", ["-t", "list", "ruleset"]), cancellationToken)
                .ConfigureAwait(false));
        }

        foreach (SavedTables saved in _host.Filter.Saved)
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

    public Task<RehearsalAnswer> AskInAsync(IPAddress peer, int port, CancellationToken cancellationToken) =>
        ForEachPortAndSortAsync(() => AskInOnceAsync(peer, port, cancellationToken));

    public Task<RehearsalAnswer> AskOutAsync(IPAddress peer, int port, CancellationToken cancellationToken) =>
        ForEachPortAndSortAsync(() => AskOutOnceAsync(peer, port, cancellationToken));

    public void Dispose() => _space.Dispose();

    /// <summary>
    /// Which port a connection comes from nobody knows beforehand, nor what sort of packets the other end sends: where
    /// rules compare them, the answer has to be the same from each part of the ports that systems give, and for each sort.
    /// </summary>
    private async Task<RehearsalAnswer> ForEachPortAndSortAsync(Func<Task<RehearsalAnswer>> once)
    {
        if (_ports.Count * _sorts.Count > MostParts)
        {
            return RehearsalAnswer.Unknown(string.Create(
                CultureInfo.InvariantCulture,
                $"Its rules divide the ports that connections come from into more than {MostParts / _sorts.Count} parts."));
        }

        RehearsalAnswer? first = null;
        foreach (PacketSort sort in _sorts)
        {
            foreach ((int First, int Last) part in _ports)
            {
                _trial.From = part;
                _trial.Sort = sort;
                RehearsalAnswer answer = await InTimeAsync(once).ConfigureAwait(false);
                if (first is not null && answer.Verdict != first.Verdict && !(answer.IsDenied && first.IsDenied))
                {
                    return RehearsalAnswer.Unknown(
                        (sort == _sorts[0] ? "It depends on the port that the dialling end happens to have: from one it is "
                            : "It depends on the flags for ECN and for fragments that the other end happens to send: with "
                                + "some it is ")
                        + $"'{first.Reason}', {(sort == _sorts[0] ? "from another" : "with others")} '{answer.Reason}'.") with
                    {
                        DeniedBy = first.DeniedBy ?? answer.DeniedBy,
                    };
                }

                first ??= answer;
            }
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
        PeerRoute route = _host.Routes[from];
        await ReadyAsync(from, cancellationToken).ConfigureAwait(false);
        return route.Link is null
            ? await AskWithinAsync(new IPEndPoint(route.Own, port), cancellationToken).ConfigureAwait(false)
            : !_trial.Listens(port, from.AddressFamily == AddressFamily.InterNetwork) ? NoSocket(port)
            : await JudgeAsync(_trial.In(route, from, port), from, cancellationToken).ConfigureAwait(false);
    }

    private async Task<RehearsalAnswer> AskOutOnceAsync(IPAddress peer, int port, CancellationToken cancellationToken)
    {
        IPAddress to = PlainAddress.Of(peer);
        PeerRoute route = _host.Routes[to];
        await ReadyAsync(to, cancellationToken).ConfigureAwait(false);
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

    private async Task<RehearsalAnswer> JudgeAsync(
        RehearsalObservation seen, IPAddress peer, CancellationToken cancellationToken)
    {
        PeerRoute? route = _host.Routes.GetValueOrDefault(peer);
        RulesetListing listing = _listing ??= await RulesetListing.OfAsync(
            _space, cancellationToken).ConfigureAwait(false);
        IReadOnlyList<SavedCount> counted = await _counters[Family(peer)].MovedAsync(cancellationToken)
            .ConfigureAwait(false);
        FiredWitness[] fired = [
            .. seen.Steps.Select((s, at) => (Step: s, At: at, Witness: Named(listing.Rule(s))))
                .Where(static f => f.Witness is not null)
                .Select(f => new FiredWitness(
                    f.Witness!, seen.Steps.Any(s => listing.IsNext(s, f.Step)),
                    RehearsalJudge.Base(seen.Steps, f.At, listing, _host.Filter))),
            .. counted.Select(c => (Count: c, Witness: Named(c.Line))).Where(static f => f.Witness is not null)
                .Select(f => new FiredWitness(
                    f.Witness!, counted.Any(c => c.IsNext(f.Count)),
                    SavedDeciders.Base(counted, f.Count, seen.IsInward)))];
        string? unfound = seen.Verdict != RehearsalVerdict.Open ? null : await _neighbours.WhyUnfoundAsync(
            route, peer, step => RehearsalJudge.Text(step, listing, _host.Filter), _counters[Family(peer)],
            cancellationToken).ConfigureAwait(false);
        RehearsalAnswer answer = RehearsalJudge.Judge(
            seen, fired, listing, counted, _host.Filter,
            [.. _host.Filter.Beside, .. route?.Link is { } link ? _host.Beside[link] : [],
                .. unfound is null ? (string[])[] : [unfound]]) with
        {
            Chains = [.. seen.Steps.Select(static s => s.Chain).Concat(counted.Select(static c => c.Chain)).Distinct()],
        };
        return answer.Rule.Length == 0 ? answer : Rejected(peer, answer);
    }

    // The kernel sends one peer six errors at once and then one a second: a rule that rejects goes on to do so.
    private RehearsalAnswer Rejected(IPAddress peer, RehearsalAnswer answer)
    {
        if (answer.Verdict == RehearsalVerdict.Rejected)
        {
            _rejected[(peer, answer.Rule)] = answer;
        }
        else if (answer.Verdict == RehearsalVerdict.Dropped
            && _rejected.TryGetValue((peer, answer.Rule), out RehearsalAnswer? before)
            && before.OnlyAnswerDenied == answer.OnlyAnswerDenied)
        {
            return before;
        }

        return answer;
    }

    private Witness? Named(string? rule) => rule is not null && Mark().Match(rule) is { Success: true } mark
        ? _witnesses.GetValueOrDefault(mark.Value)
        : null;

    private async Task ReadyAsync(IPAddress peer, CancellationToken cancellationToken)
    {
        string family = Family(peer);
        if (!_counters.ContainsKey(family))
        {
            var counters = new SavedCounters(_space, _host.Filter.Saved.Where(s => s.Family == family));
            _ = await counters.MovedAsync(cancellationToken).ConfigureAwait(false);
            _counters[family] = counters;
        }
    }

    private static string Family(IPAddress peer) => peer.AddressFamily == AddressFamily.InterNetwork ? "ip" : "ip6";

    [GeneratedRegex(
        @"\[\d+:\d+\]|packets \d+ bytes \d+| used (never|\d+\w*( \w*bytes)?)|^#.*$", RegexOptions.Multiline)]
    private static partial Regex Counts();

    [GeneratedRegex(Witness.Prefix + @"\d+")]
    private static partial Regex Mark();
}
