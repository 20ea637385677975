using System.Net;
using System.Net.Sockets;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Firewall.Providers;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Core.Admin;

/// <summary>
/// What a plan needs to know of its hosts and only they can tell: asked once, beforehand, with a bound.
/// </summary>
internal sealed record DirectionHosts(
    FirewallProvider ConsoleProvider, IReadOnlyDictionary<string, IReadOnlyList<IPAddress>> Resolved)
{
    private static readonly TimeSpan NameBound = TimeSpan.FromSeconds(3);

    // The tools of two of the firewalls are slow scripts, and more than one of them is asked.
    private static readonly TimeSpan LocalBound = TimeSpan.FromSeconds(6);

    // The same tools, there and back.
    private static readonly TimeSpan EngineBound = TimeSpan.FromSeconds(8);

    public NftablesPlacement ConsoleNftables { get; init; } = NftablesPlacement.Default;

    public IReadOnlyList<string> ConsolePolicies { get; init; } = [];

    /// <summary>Null when it is not known; so for the engine's host.</summary>
    public bool? ConsoleDeniesOutbound { get; init; }

    /// <summary>What the engine said of its host; null when it could not be asked.</summary>
    public HostFirewallFacts? Engine { get; init; }

    /// <summary>An engine that did not name its firewall most likely has the same as this host.</summary>
    public FirewallProvider EngineProvider =>
        FirewallProviderDetector.Guess(Engine?.Provider, OperatingSystem.IsWindows());

    /// <summary>
    /// Without asking anybody: addresses are what they say, and a host has its platform's usual firewall.
    /// </summary>
    public static DirectionHosts Assumed { get; } =
        new(Guess(), new Dictionary<string, IReadOnlyList<IPAddress>>());

    /// <param name="names">The hosts to resolve.</param>
    /// <param name="dials">What the console's host dials, as a name or an address; null where it does not.</param>
    /// <param name="answers">What this host's firewall tools say.</param>
    /// <param name="askEngine">Asks the engine of its host.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<DirectionHosts> AskAsync(
        IEnumerable<string?> names, (string? Host, int Port)? dials, FirewallAnswers answers,
        Func<CancellationToken, Task<HostFirewallFacts?>> askEngine, TimeProvider time,
        CancellationToken cancellationToken)
    {
        Task<HostFirewallFacts?> engine = WithinAsync(askEngine, EngineBound, time, cancellationToken);
        var resolved = new Dictionary<string, IReadOnlyList<IPAddress>>(StringComparer.OrdinalIgnoreCase);
        foreach (string name in names.OfType<string>().Distinct(StringComparer.OrdinalIgnoreCase))
        {
            // What did not resolve the plan then says that it does not know.
            if (await WithinAsync(token => ResolveAsync(name, token), NameBound, time, cancellationToken)
                .ConfigureAwait(false) is { } addresses)
            {
                resolved[name] = addresses;
            }
        }

        IReadOnlyList<IPAddress> dialled = IPAddress.TryParse(dials?.Host, out IPAddress? address) ? [address]
            : dials?.Host is { } host ? resolved.GetValueOrDefault(host) ?? [] : [];
        OutboundWay[] ways = [.. dialled.Select(a => new OutboundWay(a, dials!.Value.Port))];
        (FirewallOwner? owner, bool? deniesOutbound) = await WithinAsync(
            token => answers.OwnerAsync(token, ways), LocalBound, time, cancellationToken).ConfigureAwait(false);
        return new DirectionHosts(owner?.Provider ?? Guess(), resolved)
        {
            ConsoleNftables = owner?.Nftables ?? NftablesPlacement.Default,
            ConsolePolicies = owner?.Policies ?? [],
            ConsoleDeniesOutbound = deniesOutbound,
            Engine = await engine.ConfigureAwait(false),
        };
    }

    public IReadOnlyList<IPAddress> Resolve(string? name) => name is null ? []
        : IPAddress.TryParse(name, out IPAddress? address) ? [address]
        : Resolved.GetValueOrDefault(name) ?? [];

    /// <summary>What was said, else what was found out; null where neither is there.</summary>
    public bool? DeniesOutbound(NodeRole role, IReadOnlyList<NodeRole> said) =>
        said.Contains(role) ? true : role == NodeRole.Console ? ConsoleDeniesOutbound : Engine?.DeniesOutbound;

    private static FirewallProvider Guess() => FirewallProviderDetector.Guess(null, OperatingSystem.IsWindows());

    private static async Task<IPAddress[]?> ResolveAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            return await Dns.GetHostAddressesAsync(name, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>The answer, or nothing when it takes longer than that.</summary>
    private static async Task<T?> WithinAsync<T>(
        Func<CancellationToken, Task<T>> ask, TimeSpan bound, TimeProvider time, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(bound, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            return await ask(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return default;
        }
    }
}
