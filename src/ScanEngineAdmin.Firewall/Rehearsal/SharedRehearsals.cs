using System.Diagnostics.CodeAnalysis;
using System.Net;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>
/// One copy of a host's filter for a run over many engines, which all concern the same host: each new peer is a route
/// more in it. The questions come one after the other.
/// </summary>
internal sealed class SharedRehearsals(
    Func<string, IReadOnlyList<string>, CancellationToken, Task<ToolResult>> run) : Rehearsals(run), IAsyncDisposable
{
    // Peers may come by different interfaces, each of which the copy has to have from its beginning.
    private const int Most = 8;

    [SuppressMessage("Usage", "CA2213", Justification = "No wait handle; its disposal would wake nobody who waits.")]
    private readonly SemaphoreSlim _turn = new(1, 1);

    private readonly List<(FilterRehearsal Copy, bool WithOurs, SocketUser? User)> _open = [];
    private bool _ended;

    /// <summary>How many copies were made.</summary>
    public int Made { get; private set; }

    public override async Task<T> AskAsync<T>(
        IReadOnlyList<IPAddress> peers, SocketUser? user, bool withOurs, Func<FilterRehearsal, Task<T>> ask,
        CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_ended)
            {
                return await base.AskAsync(peers, user, withOurs, ask, cancellationToken).ConfigureAwait(false);
            }

            foreach ((FilterRehearsal copy, bool ours, SocketUser? whose) in _open)
            {
                if (ours == withOurs && whose == user
                    && await KnowsAsync(copy, peers, cancellationToken).ConfigureAwait(false))
                {
                    return await ask(copy).ConfigureAwait(false);
                }
            }

            FilterRehearsal made = await OpenAsync(peers, user, withOurs, cancellationToken).ConfigureAwait(false);
            Made++;
            if (_open.Count >= Most)
            {
                await using (made.ConfigureAwait(false))
                {
                    return await ask(made).ConfigureAwait(false);
                }
            }

            _open.Add((made, withOurs, user));
            return await ask(made).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>When nobody asks any more; who does so later gets a copy of its own.</summary>
    public async ValueTask DisposeAsync()
    {
        // A question that is under way uses the copy's descriptors.
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            _ended = true;
            foreach ((FilterRehearsal copy, _, _) in _open)
            {
                await copy.DisposeAsync().ConfigureAwait(false);
            }

            _open.Clear();
        }
        finally
        {
            _turn.Release();
        }
    }

    private static async Task<bool> KnowsAsync(
        FilterRehearsal copy, IReadOnlyList<IPAddress> peers, CancellationToken cancellationToken)
    {
        foreach (IPAddress peer in peers)
        {
            if (!await copy.TryAddAsync(peer, cancellationToken).ConfigureAwait(false))
            {
                return false;
            }
        }

        // One that can be asked about none of them has nothing to say: a new one says why.
        return peers.Any(copy.CanAsk);
    }
}
