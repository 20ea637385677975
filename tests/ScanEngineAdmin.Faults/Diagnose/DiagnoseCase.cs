using ScanEngineAdmin.Core.Diagnosis;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Faults.Lab;

namespace ScanEngineAdmin.Faults.Diagnose;

/// <summary>One fault, how it is made, who tests, and what has to be found.</summary>
internal sealed record DiagnoseCase
{
    public required string Name { get; init; }

    public required FirewallVerdict Expected { get; init; }

    /// <summary>Makes the fault; it is healed by <see cref="TwoHosts.Heal"/> and <see cref="Undo"/>.</summary>
    public required Action<TwoHosts> Break { get; init; }

    public Action<TwoHosts>? Undo { get; init; }

    /// <summary>Whether the dialled host tests, and has the other one dial.</summary>
    public bool FromListener { get; init; }

    /// <summary>Whether the way of the direction that is not in use is tested.</summary>
    public bool OtherDirection { get; init; }

    /// <summary>What the stage that tells must say, in part; empty: anything.</summary>
    public string Evidence { get; init; } = string.Empty;

    public TimeSpan Timeout { get; init; } = TimeSpan.FromMilliseconds(1500);

    /// <summary>How the test is asked for, beyond direction and time.</summary>
    public Func<AgentAsk, AgentAsk> Ask { get; init; } = static ask => ask;

    public CommunicationDirection Tested(TwoHosts lab) => !OtherDirection ? lab.Direction
        : lab.Direction == CommunicationDirection.ConsoleToEngine
            ? CommunicationDirection.EngineToConsole
            : CommunicationDirection.ConsoleToEngine;
}
