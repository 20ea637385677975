using System.Net;
using System.Net.Sockets;
using ScanEngineAdmin.Core.Firewall;

namespace ScanEngineAdmin.Core.Direction;

/// <summary>
/// What a plan needs to know of its hosts and only the OS can tell: asked once, beforehand, with a bound.
/// </summary>
internal sealed record DirectionHosts(
    FirewallProvider ConsoleProvider, IReadOnlyDictionary<string, IReadOnlyList<IPAddress>> Resolved)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(3);

    /// <summary>
    /// Without asking anybody: addresses are what they say, and a host has its platform's usual firewall.
    /// </summary>
    public static DirectionHosts Assumed { get; } =
        new(Guess(), new Dictionary<string, IReadOnlyList<IPAddress>>());

    /// <summary>
    /// The engine's host says nothing of its firewall to the console: a host like this one is the best guess.
    /// </summary>
    public static FirewallProvider Guess() => FirewallProviderDetector.Guess(null, OperatingSystem.IsWindows());

    public static async Task<DirectionHosts> AskAsync(
        IEnumerable<string?> names, TimeProvider time, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Bound, time);
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        FirewallProvider provider = await AskProviderAsync(cancellationToken, bound.Token).ConfigureAwait(false);
        var resolved = new Dictionary<string, IReadOnlyList<IPAddress>>(StringComparer.OrdinalIgnoreCase);
        foreach (string name in names.OfType<string>().Distinct(StringComparer.OrdinalIgnoreCase))
        {
            try
            {
                resolved[name] = await Dns.GetHostAddressesAsync(name, bound.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (e is SocketException or ArgumentException
                || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                // The plan then says that it does not know the address.
            }
        }

        return new DirectionHosts(provider, resolved);
    }

    public IReadOnlyList<IPAddress> Resolve(string? name) => name is null ? []
        : IPAddress.TryParse(name, out IPAddress? address) ? [address]
        : Resolved.GetValueOrDefault(name) ?? [];

    private static async Task<FirewallProvider> AskProviderAsync(
        CancellationToken cancellationToken, CancellationToken bound)
    {
        try
        {
            FirewallOwner owner = await new FirewallProviderDetector().DetectAsync(bound).ConfigureAwait(false);
            return owner.Provider ?? Guess();
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Guess();
        }
    }
}
