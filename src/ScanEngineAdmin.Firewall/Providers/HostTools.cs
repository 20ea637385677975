using ScanEngineAdmin.Firewall.Rehearsal;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Firewall.Providers;

/// <summary>What the applier has of its host: its tools, its clock, and where it keeps what it did.</summary>
internal sealed record HostTools(
    Func<ToolCall, CancellationToken, Task<ToolResult>> Run, bool Windows, string Folder, TimeProvider Time)
{
    /// <summary>Whether the tools speak to this machine's kernel: then a copy of the filter can be tried in
    /// it.</summary>
    public bool IsThisKernel { get; init; } = true;

    /// <summary>Whether the host denies connections out by default, where something else than its kernel says
    /// so.</summary>
    public Func<CancellationToken, Task<bool?>>? DeniesOutbound { get; init; }

    /// <summary>Whose the node's sockets are; null where that is not known.</summary>
    public SocketUser? NodeUser { get; init; } = SocketUser.OfNode();

    /// <summary>The data folder that rules are for; null where none is known.</summary>
    public string? DataFolder { get; init; }

    // Not the nodes' data folder: the account that faces the network owns that one, and this says what root will run.
    public static string SystemFolder => OperatingSystem.IsWindows()
        ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.CommonApplicationData),
            "ScanEngineAdmin-Firewall")
        : "/var/lib/scanengineadmin-firewall";

    /// <param name="folder">Where the applier keeps what it did; null for the system's own.</param>
    /// <param name="dataFolder">The data folder of the node that rules are for; null where none is known.</param>
    public static HostTools OfThisHost(string? folder, string? dataFolder = null) =>
        new(ToolRunner.RunAsync, OperatingSystem.IsWindows(), folder ?? SystemFolder, TimeProvider.System)
        {
            NodeUser = SocketUser.OfNode(dataFolder),
            DataFolder = dataFolder,
        };

    /// <summary>The owner that was named; what only a look can tell of it is looked at.</summary>
    public async Task<FirewallOwner> NamedAsync(FirewallProvider named, CancellationToken cancellationToken)
    {
        var owner = new FirewallOwner(named, $"{named} was named.", true);
        if (named is not (FirewallProvider.Firewalld or FirewallProvider.Nftables))
        {
            return owner;
        }

        FirewallOwner found = await OwnerAsync(cancellationToken).ConfigureAwait(false);
        return found.Provider == named
            ? owner with { Policies = found.Policies, Nftables = found.Nftables }
            : owner;
    }

    public Task<FirewallOwner> OwnerAsync(CancellationToken cancellationToken) =>
        new FirewallProviderDetector((tool, arguments, token) => Run(new ToolCall(tool, arguments), token), Windows)
            .DetectAsync(cancellationToken);
}
