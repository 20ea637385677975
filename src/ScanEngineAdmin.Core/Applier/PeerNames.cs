using System.Net;
using System.Net.Sockets;

namespace ScanEngineAdmin.Core.Applier;

/// <summary>
/// What the names of many peers mean: asked side by side, some at once, and all within one time. A name server that
/// says nothing costs that time once, and not once for each name.
/// </summary>
internal sealed class PeerNames(Func<string, CancellationToken, Task<IPAddress[]>> resolve, TimeProvider time)
{
    // A resolver asks each in a thread of its own; more at once would only wait there.
    private const int AtOnce = 16;

    /// <summary>How long all of them may take together.</summary>
    public static readonly TimeSpan Bound = TimeSpan.FromSeconds(3);

    public static PeerNames OfThisHost { get; } = new(Dns.GetHostAddressesAsync, TimeProvider.System);

    /// <summary>
    /// For each the address it was seen at, else what its name means; empty when nobody knows: then the rule is for any
    /// address, as in a plan.
    /// </summary>
    public async Task<IReadOnlyList<IReadOnlyList<IPAddress>>> ResolveAsync(
        IReadOnlyList<(string? Observed, string? Named)> peers, CancellationToken cancellationToken)
    {
        string?[] texts = [.. peers.Select(
            static peer => IPAddress.TryParse(peer.Observed, out _) ? peer.Observed : peer.Named)];
        using var bound = new CancellationTokenSource(Bound, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, bound.Token);
        using var turns = new SemaphoreSlim(AtOnce);
        string[] names = [.. texts.OfType<string>().Where(static text => !IPAddress.TryParse(text, out _))
            .Distinct(StringComparer.OrdinalIgnoreCase)];
        IPAddress[][] meant = await Task.WhenAll(names.Select(name => OneAsync(name, turns, either.Token)))
            .ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        var known = names.Zip(meant).ToDictionary(
            static one => one.First, static one => one.Second, StringComparer.OrdinalIgnoreCase);
        return [.. texts.Select(text => text is null ? []
            : IPAddress.TryParse(text, out IPAddress? literal) ? [literal] : known[text])];
    }

    private async Task<IPAddress[]> OneAsync(string name, SemaphoreSlim turns, CancellationToken cancellationToken)
    {
        try
        {
            await turns.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                // Whoever gave up lets the next one in: too late for it as well.
                cancellationToken.ThrowIfCancellationRequested();

                // A resolver that does not listen to the token is left behind.
                return await resolve(name, cancellationToken).WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                turns.Release();
            }
        }
        catch (Exception e) when (e is SocketException or ArgumentException or OperationCanceledException)
        {
            return [];
        }
    }
}
