using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Text;

namespace ScanEngineAdmin.Core.Directions;

/// <summary>What an admin wants: a direction by name, never a toggle, with the addresses the new way needs.</summary>
public sealed record DirectionChangeRequest
{
    private readonly string? _address;
    private readonly string? _consoleAddress;

    public required CommunicationDirection Direction { get; init; }

    /// <summary>For standard: where the console will dial the engine; else what is known already.</summary>
    public string? Address
    {
        get => _address;
        init => _address = value is null ? null : TypedText.Clean(value);
    }

    public int? Port { get; init; }

    /// <summary>For reverse: where the engine will dial the console; else what is known already.</summary>
    public string? ConsoleAddress
    {
        get => _consoleAddress;
        init => _consoleAddress = value is null ? null : TypedText.Clean(value);
    }

    public int? ConsolePort { get; init; }

    /// <summary>The hosts that deny connections out by default. The others are asked.</summary>
    public IReadOnlyList<NodeRole> DenyOutbound { get; init; } = [];

    /// <summary>It was so before: an address that this console does not know the engine does.</summary>
    internal bool AsBefore { get; init; }

    /// <summary>Both hosts' firewalls follow, each by its own applier; the console's must run.</summary>
    public bool ApplyFirewall { get; init; }

    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);
}
