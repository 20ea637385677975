namespace ScanEngineAdmin.Core.Messages;

/// <summary>What is the time that you count leases by?</summary>
internal sealed record LeaseClockAsk;

/// <summary>Milliseconds of a clock of the engine's process, which goes on evenly from an arbitrary beginning.</summary>
internal sealed record LeaseClockTime
{
    public required long NowMs { get; init; }
}
