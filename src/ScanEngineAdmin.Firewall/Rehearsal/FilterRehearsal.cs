using System.Net;
using System.Net.Sockets;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>
/// A copy of a host's filter in an empty network namespace, and the kernel's own verdict on connections there. The host
/// is only read; no packet leaves it, and nothing is left when this object, or this process, is gone.
/// </summary>
internal sealed class FilterRehearsal : IAsyncDisposable
{
    private readonly HostFilterReader _reader;
    private readonly HashSet<IPAddress> _nowhere = [];
    private readonly CopiedHost _host;
    private readonly ChainOrders _orders;
    private readonly IReadOnlyList<FilterCopy> _copies;

    private FilterRehearsal(
        HostFilterReader reader, CopiedHost host, ChainOrders orders, IReadOnlyList<FilterCopy> copies)
    {
        _reader = reader;
        _host = host;
        _orders = orders;
        _copies = copies;
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
            filter = changed.Text == filter.Text ? changed
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

        var beside = new Dictionary<HostLink, IReadOnlyList<string>>();
        foreach (HostLink link in routes.Values.Select(filter.Bearer).OfType<HostLink>().Distinct())
        {
            if (filter.Unseen(link) is { } lower)
            {
                throw new RehearsalException(
                    $"Packets of {link.Name} pass {lower} first, which has chains of its own that no copy can show.");
            }

            beside[link] = await reader.BesideAsync(link, cancellationToken).ConfigureAwait(false);
        }

        var host = new CopiedHost(filter, routes, beside, user);
        ChainOrders orders = ChainOrders.Of(filter);
        Task<FilterCopy>[] copies = [.. orders.Each.Take(watched ? orders.Each.Count : 1)
            .Select(order => FilterCopy.MakeAsync(host, order, tunnels, watched, cancellationToken))];
        try
        {
            return new FilterRehearsal(reader, host, orders, await Task.WhenAll(copies).ConfigureAwait(false));
        }
        catch
        {
            foreach (Task<FilterCopy> copy in copies.Where(static c => c.IsCompletedSuccessfully))
            {
                (await copy.ConfigureAwait(false)).Dispose();
            }

            throw;
        }
    }

    /// <summary>What the copy was made of.</summary>
    public HostFilter Filter => _host.Filter;

    /// <summary>Whether this host has any address that the peer could meet.</summary>
    public bool CanAsk(IPAddress peer) => _host.Routes.ContainsKey(PlainAddress.Of(peer));

    /// <summary>Makes one more peer known; false where that takes another copy.</summary>
    public async Task<bool> TryAddAsync(IPAddress peer, CancellationToken cancellationToken)
    {
        IPAddress bare = PlainAddress.Of(peer);
        if (_host.Routes.ContainsKey(bare) || _nowhere.Contains(bare))
        {
            return true;
        }

        if (await _reader.RouteAsync(Filter, bare, cancellationToken).ConfigureAwait(false) is not { } route)
        {
            _nowhere.Add(bare);
            return true;
        }

        if (Filter.Bearer(route) is { } link && (!_host.Beside.ContainsKey(link)
            || (!_host.MacUnknown && CopiedHost.IsMacUnknown(route))))
        {
            return false;
        }

        foreach (FilterCopy copy in _copies)
        {
            await copy.AddRouteAsync(bare, route, cancellationToken).ConfigureAwait(false);
        }

        _host.Routes[bare] = route;
        return true;
    }

    /// <summary>Runs a tool of the host inside, as its writer would have the host run it.</summary>
    public async Task<ToolResult> RunAsync(ToolCall call, CancellationToken cancellationToken)
    {
        ToolResult[] said = await Task.WhenAll(_copies.Select(copy => copy.RunAsync(call, cancellationToken)))
            .ConfigureAwait(false);
        return said[0];
    }

    /// <summary>The rules inside, without what packets change: two of them are the same when the rules are.</summary>
    public Task<string> DumpAsync(CancellationToken cancellationToken) => _copies[0].DumpAsync(cancellationToken);

    /// <summary>From now on tools inside see these files in the place of the host's; they go with this
    /// object.</summary>
    public void Cover(RehearsalFiles files)
    {
        foreach (FilterCopy copy in _copies)
        {
            copy.Cover(files);
        }
    }

    /// <summary>What iptables has inside now.</summary>
    public Task<IReadOnlyList<SavedTables>> SavedAsync(CancellationToken cancellationToken) =>
        _copies[0].SavedAsync(cancellationToken);

    /// <summary>What becomes of a connection that the peer begins to that port of this host.</summary>
    public Task<RehearsalAnswer> AskInAsync(IPAddress peer, int port, CancellationToken cancellationToken) =>
        InEachOrderAsync(peer, copy => copy.AskInAsync(peer, port, cancellationToken));

    /// <summary>What becomes of a connection that this host's node begins to that port of the peer.</summary>
    public Task<RehearsalAnswer> AskOutAsync(IPAddress peer, int port, CancellationToken cancellationToken) =>
        InEachOrderAsync(peer, copy => copy.AskOutAsync(peer, port, cancellationToken));

    public ValueTask DisposeAsync()
    {
        foreach (FilterCopy copy in _copies)
        {
            copy.Dispose();
        }

        return ValueTask.CompletedTask;
    }

    private async Task<RehearsalAnswer> InEachOrderAsync(
        IPAddress peer, Func<FilterCopy, Task<RehearsalAnswer>> ask)
    {
        string? chains = _orders.Chains(PlainAddress.Of(peer).AddressFamily == AddressFamily.InterNetwork);
        RehearsalAnswer first = await ask(_copies[0]).ConfigureAwait(false);
        if (chains is null || first.Verdict == RehearsalVerdict.Unknown)
        {
            return first;
        }

        if (_orders.AreTooMany)
        {
            return OfOrder(chains, first, first);
        }

        foreach (FilterCopy copy in _copies.Skip(1))
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
}
