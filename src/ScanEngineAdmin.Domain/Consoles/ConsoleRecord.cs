using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Nodes;

namespace ScanEngineAdmin.Domain.Consoles;

/// <summary>One console as the engine's store holds it, keyed by its pairing.</summary>
internal sealed record ConsoleRecord
{
    /// <summary>The pairing between that console and this engine; the same id on both sides.</summary>
    public required Guid PairingId { get; init; }

    public Guid? ConsoleId { get; init; }

    public string Name { get; init; } = string.Empty;

    /// <summary>The name this engine goes by at that console.</summary>
    public string EngineName { get; init; } = string.Empty;

    public required ConsoleState State { get; init; }

    public required CommunicationDirection Direction { get; init; }

    public long Epoch { get; init; }

    /// <summary>Confirmed identities, the current first; for a pending one the identity it showed.</summary>
    public IReadOnlyList<Fingerprint> Pins { get; init; } = [];

    /// <summary>Where this engine dials the console; null for a standard one whose address nobody said.</summary>
    public string? Address { get; init; }

    public int Port { get; init; } = WellKnownPorts.Console;

    /// <summary>The address the console was last seen at, as this host saw it.</summary>
    public string? ObservedAddress { get; init; }

    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The change of direction whose outcome this engine has not heard. While it is set, both ways are open, across
    /// restarts, however long it takes: only the console's word ends it.
    /// </summary>
    public Guid? ChangeId { get; init; }

    /// <summary>The direction that change leads to.</summary>
    public CommunicationDirection? ChangeTo { get; init; }

    public long? ChangeEpoch { get; init; }

    /// <summary>Where to dial the console under that change (to reverse), if it differs.</summary>
    public string? ChangeAddress { get; init; }

    public int? ChangePort { get; init; }

    /// <summary>
    /// Where to dial under the change. A port belongs to the address it was named with: what this engine's admin said
    /// is not mixed with what the console guesses.
    /// </summary>
    internal (string? Address, int Port) ChangeTarget => ChangeAddress is { } reported ? (reported, ChangePort ?? Port)
        : Address is { } known ? (known, Port)
        : (ObservedAddress, ChangePort ?? Port);

    /// <summary>
    /// In doubt about another address of the console, in the direction in force. Then both addresses are the two ways.
    /// </summary>
    internal bool MayMove => ChangeId is not null && ChangeTo == CommunicationDirection.EngineToConsole
        && Direction == ChangeTo && ChangeTarget != (Address ?? ObservedAddress, Port);

    /// <summary>A direction this engine's admin proposes, until the console has taken it up.</summary>
    public CommunicationDirection? ProposedDirection { get; init; }

    public required DateTimeOffset FirstSeen { get; init; }

    public DateTimeOffset? LastSeen { get; init; }

    public DateTimeOffset? LastPoll { get; init; }

    public DateTimeOffset? NextPoll { get; init; }

    public int ConsecutiveFailures { get; init; }

    public string? LastError { get; init; }

    /// <summary>Whether a channel to this console is open now (true only while the node that wrote it runs).</summary>
    public bool Connected { get; init; }

    /// <summary>The record with no change in doubt, and nothing proposed.</summary>
    public ConsoleRecord WithoutDoubt() => this with
    {
        ChangeId = null,
        ChangeTo = null,
        ChangeEpoch = null,
        ChangeAddress = null,
        ChangePort = null,
        ProposedDirection = null,
    };
}
