using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Nodes;

namespace ScanEngineAdmin.Domain.Engines;

/// <summary>One engine as the console's store holds it, keyed by its pairing.</summary>
internal sealed record EngineRecord
{
    /// <summary>The pairing between this console and that engine; the same id on both sides.</summary>
    public required Guid PairingId { get; init; }

    /// <summary>
    /// The engine's own id, once it has been met. Survives changes of certificate, address, name and direction.
    /// </summary>
    public Guid? EngineId { get; init; }

    public required string Name { get; init; }

    /// <summary>Where the console dials the engine; null for a reverse engine whose address nobody said.</summary>
    public string? Address { get; init; }

    public int Port { get; init; } = WellKnownPorts.Engine;

    public required CommunicationDirection Direction { get; init; }

    /// <summary>Counts the changes of direction; fences what belongs to an earlier one.</summary>
    public long Epoch { get; init; }

    public required EngineState State { get; init; }

    /// <summary>
    /// Confirmed identities, the current first. More than one only while a certificate is being replaced.
    /// </summary>
    public IReadOnlyList<Fingerprint> Pins { get; init; } = [];

    /// <summary>The identity met at the last contact, confirmed or not.</summary>
    public Fingerprint ObservedFingerprint { get; init; }

    /// <summary>The engine's admin has approved this console (it answered so).</summary>
    public bool ApprovedByEngine { get; init; }

    /// <summary>
    /// The address the engine was last seen at, as this host saw it (behind NAT not the engine's own).
    /// </summary>
    public string? ObservedAddress { get; init; }

    public CommunicationStatus Status { get; init; }

    public string StatusDetail { get; init; } = string.Empty;

    public DateTimeOffset? LastContact { get; init; }

    public DateTimeOffset? NextExpected { get; init; }

    /// <summary>The engine's product version.</summary>
    public string? Version { get; init; }

    /// <summary>
    /// A direction its own admin proposes (Set-EngineConsole -Direction), until the console has taken it up.
    /// </summary>
    public CommunicationDirection? ProposedDirection { get; init; }

    /// <summary>
    /// The direction that the engine itself said it is in, at its last contact or by its acknowledgement.
    /// </summary>
    public CommunicationDirection? ReportedDirection { get; init; }

    /// <summary>The epoch that the engine said with <see cref="ReportedDirection"/>; null without one.</summary>
    public long? ReportedEpoch { get; init; }

    /// <summary>The change that the engine said it is in doubt about.</summary>
    public Guid? ReportedChangeId { get; init; }

    /// <summary>
    /// Whether the engine said that a firewall applier runs on its host; null for one that says nothing of it.
    /// </summary>
    public bool? ReportedApplier { get; init; }

    /// <summary>
    /// From where it may dial this console, as the admin says (<see cref="AllowedSources"/>); null for the address that
    /// it is seen at.
    /// </summary>
    public string? AllowFrom { get; init; }

    public required DateTimeOffset Registered { get; init; }
}
