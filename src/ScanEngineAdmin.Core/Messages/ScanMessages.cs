using Newtonsoft.Json;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Scanning.Plan;

namespace ScanEngineAdmin.Core.Messages;

/// <summary>Scan instructions. The same scan and attempt may be sent again; it is taken on once.</summary>
[JsonObject(ItemRequired = Required.Always)]
internal sealed record ScanStart
{
    public required Guid ScanId { get; init; }

    public required int Attempt { get; init; }

    public required IReadOnlyList<string> Targets { get; init; }

    public required string Ports { get; init; }

    public required int TimeoutMs { get; init; }

    public required int Parallelism { get; init; }

    public required int MaxRate { get; init; }

    public required int BannerTimeoutMs { get; init; }

    /// <summary>Units below it are done and stored at the console; only to an engine that knows ScanTerms.</summary>
    [JsonProperty(Required = Required.DisallowNull)]
    public long? FromUnit { get; init; }

    /// <summary>What is left until the deadline; the engine ends the scan by itself then. As FromUnit.</summary>
    [JsonProperty(Required = Required.DisallowNull)]
    public long? TimeLeftMs { get; init; }

    /// <summary>
    /// When another engine may be given it, by the clock of <see cref="LeaseClockTime"/>: a restarted engine goes on with
    /// it only when a ScanSync lists it. Only to an engine that knows ScanLease.
    /// </summary>
    [JsonProperty(Required = Required.DisallowNull)]
    public long? LeaseUntilMs { get; init; }

    /// <summary>
    /// Ranges and host names that are not scanned although a host name among the targets has such an address, or an
    /// address among them is called so; only to an engine that knows ScanExclude.
    /// </summary>
    [JsonProperty(Required = Required.DisallowNull)]
    public IReadOnlyList<string>? Exclude { get; init; }

    /// <summary>Connect without it; only to an engine that knows ScanScanner.</summary>
    [JsonProperty(Required = Required.DisallowNull)]
    public ScannerKind? Scanner { get; init; }

    public ScanStart With(long fromUnit, TimeSpan? left) => this with
    {
        FromUnit = fromUnit > 0 ? fromUnit : null,
        TimeLeftMs = left is { } time ? Math.Max(0, (long)time.TotalMilliseconds) : null,
    };

    /// <summary>
    /// What is excluded is not among the targets, whatever engine it is sent to, and the attempts have the same
    /// numbers at both ends: addresses are numbered in their order, not in that of the texts.
    /// </summary>
    public static ScanStart From(ScanRecord scan, ScanPlan plan) => new()
    {
        ScanId = scan.ScanId,
        Attempt = scan.Attempt,
        Targets = plan.Targets.Texts,
        Exclude = plan.Exclusions.ConcernEngine(plan.Targets) ? plan.Exclusions.Texts : null,
        Ports = scan.Request.Ports,
        TimeoutMs = (int)scan.Request.Timeout.TotalMilliseconds,
        Parallelism = scan.Request.Parallelism,
        MaxRate = scan.Request.MaxRate,
        BannerTimeoutMs = (int)scan.Request.BannerTimeout.TotalMilliseconds,
        Scanner = scan.Request.Scanner == ScannerKind.Connect ? null : scan.Request.Scanner,
    };

    public ScanRequest ToRequest() => new()
    {
        Targets = Targets,
        Exclude = Exclude ?? [],
        Ports = Ports,
        Timeout = TimeSpan.FromMilliseconds(TimeoutMs),
        Parallelism = Parallelism,
        MaxRate = MaxRate,
        BannerTimeout = TimeSpan.FromMilliseconds(BannerTimeoutMs),
        Scanner = Scanner ?? ScannerKind.Connect,
    };
}

/// <summary>One scan by id and attempt.</summary>
[JsonObject(ItemRequired = Required.Always)]
internal sealed record ScanStop
{
    public required Guid ScanId { get; init; }

    public required int Attempt { get; init; }

    /// <summary>
    /// Another attempt goes on from there: an open port that was not heard out is left to it. Only to an engine that
    /// knows ScanSuspend.
    /// </summary>
    [JsonProperty(Required = Required.DisallowNull)]
    public bool? GoesOn { get; init; }
}

/// <summary>Whether a scan waits for room in the engine's spool.</summary>
[JsonObject(ItemRequired = Required.Always)]
internal sealed record ScanHeld
{
    public required Guid ScanId { get; init; }

    public required int Attempt { get; init; }

    public required bool Held { get; init; }
}

/// <summary>Every scan that the console holds to be at the engine, with the last batch it has stored.</summary>
[JsonObject(ItemRequired = Required.Always)]
internal sealed record ScanSync
{
    public required IReadOnlyList<ScanSyncItem> Scans { get; init; }
}

/// <summary>One scan of a <see cref="ScanSync"/>.</summary>
[JsonObject(ItemRequired = Required.Always)]
internal sealed record ScanSyncItem
{
    public required Guid ScanId { get; init; }

    public required int Attempt { get; init; }

    public required long LastBatch { get; init; }

    /// <summary>As in <see cref="ScanStart"/>, for the process that reads it.</summary>
    [JsonProperty(Required = Required.DisallowNull)]
    public long? LeaseUntilMs { get; init; }
}

/// <summary>Those of the listed scans that the engine does not have (at that attempt).</summary>
[JsonObject(ItemRequired = Required.Always)]
internal sealed record ScanSyncReply
{
    public required IReadOnlyList<Guid> Missing { get; init; }
}

/// <summary>The answer of requests that have nothing to say but that it is done, durably.</summary>
internal sealed record Done;
