using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>What the kernel enters into its lists of hooks in one go: a chain of nftables, a whole table of
/// iptables-legacy, or a part of the kernel itself.</summary>
/// <param name="Name">What it is, once for both families of iptables.</param>
/// <param name="Native">What nft enters it by, without a rule.</param>
internal sealed record HookEntry(string Name, string Native)
{
    /// <summary>What enters it where nft does not.</summary>
    public IReadOnlyList<ToolCall> Calls { get; init; } = [];

    /// <summary>The part of the kernel that knows which packets are of one connection.</summary>
    public static readonly HookEntry Tracking = new("the kernel's tracking of connections", RehearsalTables.Tracking);

    /// <summary>The part of the kernel that translates addresses.</summary>
    public static readonly HookEntry Translation =
        new("the kernel's translation of addresses", RehearsalTables.Translating);

    /// <summary>The same for the other family of iptables.</summary>
    public HookEntry And(HookEntry other) =>
        this with { Native = Native + other.Native, Calls = [.. Calls, .. other.Calls] };
}
