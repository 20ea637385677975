namespace ScanEngineAdmin.Domain.Directions;

/// <summary>
/// A direction that an admin wants for an engine that cannot be reached now. It is no change yet: the console makes one
/// of it at a contact, and it stays until such a change is committed or somebody withdraws it. One per engine.
/// </summary>
public sealed record PendingDirectionChange
{
    public required Guid PairingId { get; init; }

    public required CommunicationDirection Direction { get; init; }

    public string? Address { get; init; }

    public int? Port { get; init; }

    public string? ConsoleAddress { get; init; }

    public int? ConsolePort { get; init; }

    /// <summary>How long each change that is made of it may take.</summary>
    public required TimeSpan Timeout { get; init; }

    public required DateTimeOffset Requested { get; init; }

    /// <summary>Who asked: user@host.</summary>
    public required string RequestedBy { get; init; }

    /// <summary>Whether both hosts' firewalls shall follow, each by its own applier.</summary>
    public bool ApplyFirewall { get; init; }

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
