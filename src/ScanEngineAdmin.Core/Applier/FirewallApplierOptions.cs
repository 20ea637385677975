using System.Net;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Firewall.Providers;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Core.Applier;

/// <summary>What the admin of a host lets its firewall applier do.</summary>
internal sealed record FirewallApplierOptions
{
    /// <summary>
    /// The ports it may open, beside the product's two well-known ones. A node that asks for another gets an error.
    /// </summary>
    public IReadOnlyList<int> Ports { get; init; } = [];

    /// <summary>
    /// The blocks that a rule may be for, where an engine's record says that it dials from more than one address.
    /// </summary>
    public IReadOnlyList<IPNetwork> AllowFrom { get; init; } = [];

    /// <summary>The provider to use; null for the one that owns this host's filter.</summary>
    public FirewallProvider? Provider { get; init; }

    /// <summary>The folder of its lock and its journal, for root alone. Null for the system's default.</summary>
    public string? StateFolder { get; init; }

    /// <summary>How often it looks when nobody rings.</summary>
    public TimeSpan StoreCheck { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long until a Close that did not succeed is tried again.</summary>
    public TimeSpan Retry { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long one request may take: the next one, of another pairing, waits for it. What was begun goes on with the
    /// next try.
    /// </summary>
    public TimeSpan Longest { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The host's tools; tests have their own.</summary>
    internal HostTools? Host { get; init; }

    /// <summary>The data folder of the node; its owner's sockets are those that a filter sees.</summary>
    internal string? NodeFolder { get; init; }

    internal HostTools Tools => Host ?? HostTools.OfThisHost(StateFolder, NodeFolder) with
    {
        DataFolder = Path.GetDirectoryName(NodeFolder),
    };

    internal int[] AllowedPorts =>
        [.. Ports.Append(WellKnownPorts.Console).Append(WellKnownPorts.Engine).Distinct().Order()];
}
