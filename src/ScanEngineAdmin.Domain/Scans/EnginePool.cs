namespace ScanEngineAdmin.Domain.Scans;

/// <summary>Engines that share scans.</summary>
internal sealed record EnginePool
{
    public static readonly TimeSpan DefaultAwayAfter = TimeSpan.FromMinutes(15);

    public static readonly TimeSpan MinAwayAfter = TimeSpan.FromMinutes(1);

    public static readonly TimeSpan MaxAwayAfter = TimeSpan.FromDays(1);

    public const int MaxMembers = 1_000;

    public required Guid PoolId { get; init; }

    public required string Name { get; init; }

    /// <summary>
    /// How long an engine has a part: one that is away then has it no longer, and it is given to another.
    /// </summary>
    public TimeSpan AwayAfter { get; init; } = DefaultAwayAfter;

    public required DateTimeOffset Created { get; init; }
}
