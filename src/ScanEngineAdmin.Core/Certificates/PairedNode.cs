using ScanEngineAdmin.Channel;

namespace ScanEngineAdmin.Core.Certificates;

/// <summary>The other node of a pairing, whichever kind it is, as far as certificates are concerned.</summary>
internal sealed record PairedNode
{
    public required Guid PairingId { get; init; }

    public Guid? NodeId { get; init; }

    public required string Name { get; init; }

    /// <summary>Both sides have confirmed each other: there are channels.</summary>
    public required bool IsPaired { get; init; }

    /// <summary>
    /// An admin of this side has let it in, and the pairing waits for the other side. What nobody here has let in is a
    /// stranger's claim and counts for nothing.
    /// </summary>
    public required bool IsUnderWay { get; init; }

    public required IReadOnlyList<Fingerprint> Pins { get; init; }

    public required DateTimeOffset Since { get; init; }

    public DateTimeOffset? LastContact { get; init; }
}
