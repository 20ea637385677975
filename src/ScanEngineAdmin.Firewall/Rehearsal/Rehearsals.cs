using System.Net;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>Makes a copy of a host's filter for the questions that are asked of it.</summary>
/// <param name="run">The host's tools.</param>
internal class Rehearsals(Func<string, IReadOnlyList<string>, CancellationToken, Task<ToolResult>> run)
{
    /// <summary>Asks a copy that knows these peers, with this product's own rules in it or without.</summary>
    /// <param name="peers">Whom the questions are about.</param>
    /// <param name="user">Whose the node's sockets are; null where that is not known.</param>
    /// <param name="withOurs">Whether this product's own rules are in it.</param>
    /// <param name="ask">The questions.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="RehearsalException">No copy can be made; its message says why.</exception>
    public virtual async Task<T> AskAsync<T>(
        IReadOnlyList<IPAddress> peers, SocketUser? user, bool withOurs, Func<FilterRehearsal, Task<T>> ask,
        CancellationToken cancellationToken)
    {
        FilterRehearsal rehearsal = await OpenAsync(peers, user, withOurs, cancellationToken).ConfigureAwait(false);
        await using (rehearsal.ConfigureAwait(false))
        {
            return await ask(rehearsal).ConfigureAwait(false);
        }
    }

    protected Task<FilterRehearsal> OpenAsync(
        IReadOnlyList<IPAddress> peers, SocketUser? user, bool withOurs, CancellationToken cancellationToken) =>
        FilterRehearsal.OpenAsync(
            run, peers, user, cancellationToken, change: withOurs ? null : OwnRules.Without);
}
