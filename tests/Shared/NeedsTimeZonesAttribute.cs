namespace ScanEngineAdmin.Tests.Shared;

/// <summary>For time zones by their IANA names, which Windows knows from its ICU alone; Wine has none.</summary>
internal sealed class NeedsTimeZonesAttribute : NeedsAttribute
{
    protected override string? WhyNot => TimeZoneInfo.TryFindSystemTimeZoneById("Europe/Berlin", out _)
        ? null
        : "needs time zones by their IANA names";
}
