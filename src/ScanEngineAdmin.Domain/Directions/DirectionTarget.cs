using ScanEngineAdmin.Domain.Text;

namespace ScanEngineAdmin.Domain.Directions;

/// <summary>
/// Where a change of direction leads, and on what terms: as it is asked for, as it waits for its engine, and as it is
/// made. Whoever makes one of another passes that on as a whole.
/// </summary>
internal abstract record DirectionTarget
{
    private readonly string? _address;
    private readonly string? _consoleAddress;

    private protected DirectionTarget()
    {
    }

    public required CommunicationDirection Direction { get; init; }

    /// <summary>To standard: where the console will dial the engine; else what is known already.</summary>
    public string? Address
    {
        get => _address;
        init => _address = value is null ? null : TypedText.Clean(value);
    }

    public int? Port { get; init; }

    /// <summary>To reverse: where the engine will dial the console; else what is known already.</summary>
    public string? ConsoleAddress
    {
        get => _consoleAddress;
        init => _consoleAddress = value is null ? null : TypedText.Clean(value);
    }

    public int? ConsolePort { get; init; }

    /// <summary>How long the change may take until it is rolled back.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Whether both hosts' firewalls follow, each by its own applier.</summary>
    public bool ApplyFirewall { get; init; }
}
