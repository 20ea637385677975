using System.Diagnostics.CodeAnalysis;

namespace ScanEngineAdmin.Domain.Directions;

/// <summary>
/// A direction that an admin wants for an engine that cannot be reached now. It is no change yet: the console makes one
/// of it at a contact, and it stays until such a change is committed or somebody withdraws it. One per engine.
/// </summary>
internal sealed record PendingDirectionChange : DirectionTarget
{
    public PendingDirectionChange()
    {
    }

    /// <summary>Towards the same; the rest is still to be set.</summary>
    [SetsRequiredMembers]
    public PendingDirectionChange(DirectionTarget target, string requestedBy)
        : base(target) =>
        RequestedBy = requestedBy;

    public required Guid PairingId { get; init; }

    public required DateTimeOffset Requested { get; init; }

    /// <summary>Who asked: user@host.</summary>
    public required string RequestedBy { get; init; }

    /// <summary>The change that was last made of it, until its outcome was counted.</summary>
    public Guid? ChangeId { get; init; }

    /// <summary>How many changes made of it were rolled back.</summary>
    public int Attempts { get; init; }

    /// <summary>Not tried again before; null while it was never tried.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>Why the last try was rolled back.</summary>
    public string Detail { get; init; } = string.Empty;

    /// <summary>Whether it asks for the same as another, whoever asked and however often it was tried.</summary>
    public bool AsksTheSame(PendingDirectionChange other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return this == other with
        {
            Requested = Requested,
            RequestedBy = RequestedBy,
            ChangeId = ChangeId,
            Attempts = Attempts,
            NotBefore = NotBefore,
            Detail = Detail,
        };
    }
}
