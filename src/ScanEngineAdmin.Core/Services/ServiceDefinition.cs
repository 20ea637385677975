using System.Globalization;
using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Core.Services;

/// <summary>
/// What a service of this host runs: the console, the engine, or the privileged firewall applier of one of them. Names
/// come from this product alone and values are checked before: nothing that somebody typed is joined into a line.
/// </summary>
internal sealed record ServiceDefinition(NodeRole Role, bool IsApplier)
{
    public required string Program { get; init; }

    public required string DataPath { get; init; }

    /// <summary>Whose rights a node has; null for the product's own user. An applier is root's.</summary>
    public string? User { get; init; }

    public IPEndPoint? Listen { get; init; }

    public string? AdvertisedAddress { get; init; }

    public IReadOnlyList<int> Ports { get; init; } = [];

    public IReadOnlyList<IPNetwork> AllowFrom { get; init; } = [];

    public FirewallProvider? Provider { get; init; }

    public string Name => NameOf(Role, IsApplier);

    public string Description => IsApplier
        ? $"ScanEngineAdmin firewall applier of the {RoleName}"
        : Role == NodeRole.Console ? "ScanEngineAdmin Security Console" : "ScanEngineAdmin Scan Engine";

    /// <summary>The program's arguments.</summary>
    public IEnumerable<string> Arguments
    {
        get
        {
            yield return IsApplier ? "firewall-applier" : RoleName;
            foreach ((string option, string? value) in Options.Where(static option => option.Value is not null))
            {
                yield return option;
                yield return value!;
            }
        }
    }

    private string RoleName => Role == NodeRole.Console ? "console" : "engine";

    /// <summary>Each option that there is, and its value; null where it is left out.</summary>
    public IEnumerable<(string Option, string? Value)> Options =>
    [
        ("--role", IsApplier ? RoleName : null),
        ("--data", DataPath),
        ("--listen", Listen?.ToString()),
        ("--advertise", AdvertisedAddress),
        ("--ports", Ports.Count == 0
            ? null : string.Join(',', Ports.Select(static port => port.ToString(CultureInfo.InvariantCulture)))),
        ("--allow-from", AllowFrom.Count == 0 ? null : string.Join(',', AllowedSources.Texts(AllowFrom))),
        ("--provider", Provider?.ToString()),
    ];

    public static string NameOf(NodeRole role, bool isApplier) =>
        $"scanengineadmin-{(role == NodeRole.Console ? "console" : "engine")}{(isApplier ? "-applier" : string.Empty)}";
}
