using ScanEngineAdmin.Domain.Faults;

namespace ScanEngineAdmin.Domain.Scans;

/// <summary>What an admin asks of the console about a scan, beside what is to be scanned.</summary>
internal sealed record ScanTerms
{
    public const int DefaultAttempts = 3;

    public const int MostAttempts = 100;

    public static readonly TimeSpan MinDeadline = TimeSpan.FromSeconds(1);

    /// <summary>A timer's reach is 49 days; nobody waits longer for a scan.</summary>
    public static readonly TimeSpan MaxDeadline = TimeSpan.FromDays(30);

    /// <summary>When it has to be finished, by this host's clock; null for no deadline.</summary>
    public DateTimeOffset? Deadline { get; init; }

    public ScanPriority Priority { get; init; } = ScanPriority.Normal;

    /// <summary>How often the scan may be run at most, should the engine lose it or fail.</summary>
    public int MaxAttempts { get; init; } = DefaultAttempts;

    /// <summary>Throws OptionInvalid.</summary>
    public static void CheckDeadline(DateTimeOffset? deadline, DateTimeOffset now)
    {
        if (deadline - now < MinDeadline || deadline - now > MaxDeadline)
        {
            throw new ScanEngineException(
                FaultCode.OptionInvalid,
                $"The deadline {deadline:u} is not between {MinDeadline.TotalSeconds:0} s and "
                    + $"{MaxDeadline.TotalDays:0} days from now ({now:u}).",
                "Give -Deadline as a duration ('2h') or as a time to come ('2030-01-31 06:00').");
        }
    }

    public void Check(DateTimeOffset now)
    {
        CheckDeadline(Deadline, now);
        if (MaxAttempts is < 1 or > MostAttempts)
        {
            throw new ScanEngineException(
                FaultCode.OptionInvalid,
                $"MaxAttempts is {MaxAttempts}.",
                $"Give -MaxAttempts from 1 to {MostAttempts}.");
        }
    }
}
