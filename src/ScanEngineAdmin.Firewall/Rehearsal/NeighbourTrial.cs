using System.Net;
using System.Net.Sockets;

namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>
/// Whether a peer finds the host on the link that both are on: in IPv6 the packet filter judges that as well. A filter
/// that keeps it out lets in only who knows the address of the host's interface already.
/// </summary>
/// <param name="space">The copy.</param>
internal sealed class NeighbourTrial(RehearsalSpace space)
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(60);
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(1);
    private readonly Dictionary<string, string?> _known = new(StringComparer.Ordinal);
    private readonly HashSet<(string Link, IPAddress Group)> _joined = [];

    /// <summary>Other rules may let it through, or not.</summary>
    public void Forget() => _known.Clear();

    /// <summary>What keeps the other end from finding the host, for people; null where nothing does.</summary>
    /// <param name="route">How they meet.</param>
    /// <param name="peer">The other end.</param>
    /// <param name="name">Names what a step or a count is about.</param>
    /// <param name="counters">Of the family; what they count here is not of the next question.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<string?> WhyUnfoundAsync(
        PeerRoute? route, IPAddress peer, Func<TraceStep, string> name, SavedCounters counters,
        CancellationToken cancellationToken)
    {
        if (peer.AddressFamily != AddressFamily.InterNetworkV6 || route?.Link is not { IsEthernet: true } link)
        {
            return null;
        }

        if (!_known.TryGetValue(link.Name, out string? why))
        {
            why = await AskAsync(route, link, peer, name, counters, cancellationToken).ConfigureAwait(false);
            _known[link.Name] = why;
        }

        return why;
    }

    private async Task<string?> AskAsync(
        PeerRoute route, HostLink link, IPAddress peer, Func<TraceStep, string> name, SavedCounters counters,
        CancellationToken cancellationToken)
    {
        // A device that does not look for neighbours itself does not listen where it would be asked.
        IPAddress group = NeighbourFrame.SolicitedNode(route.Own);
        if (_joined.Add((link.Name, group)))
        {
            space.Join(link, group);
        }

        foreach (TimeSpan patience in (TimeSpan[])[Short, Long])
        {
            (bool answered, IReadOnlyList<TraceStep> steps) = Ask(route, link, peer, patience);
            IReadOnlyList<SavedCount> counted = await counters.MovedAsync(cancellationToken).ConfigureAwait(false);
            if (answered)
            {
                return null;
            }

            string? by = steps.LastOrDefault(static s => s.Verdict == TraceVerdict.Drop) is { } drop ? name(drop)
                : counted.LastOrDefault(static c => c.Denies) is { } saved
                ? $"{saved.Tables.Tool} -t {saved.Table}: {saved.Line}" : null;
            if (by is not null || patience == Long)
            {
                return "neighbour discovery of IPv6, which does not pass"
                    + (by is null ? string.Empty : $" ({by})")
                    + ", so that only who knows this host's interface already can reach it";
            }
        }

        return null;
    }

    private (bool Answered, IReadOnlyList<TraceStep> Steps) Ask(
        PeerRoute route, HostLink link, IPAddress peer, TimeSpan patience)
    {
        RehearsalDevice device = space.Device(link);
        device.Drain();
        _ = space.Traces();
        device.Solicit(route.Gateway ?? peer, route.Own, route.PeerMac);
        IReadOnlyList<TraceStep> steps = space.Traces();
        TimeSpan wait = steps.Any(static s => s.Verdict == TraceVerdict.Drop) ? TimeSpan.Zero : patience;
        byte[] own = route.Own.GetAddressBytes();
        return device.Next(wait, next => next.Advertises?.GetAddressBytes().AsSpan().SequenceEqual(own) == true) is null
            ? (false, [.. steps, .. space.Traces()])
            : (true, steps);
    }
}
