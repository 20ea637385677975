using System.Globalization;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Domain.Schedules;
using ScanEngineAdmin.Storage.Cron;

namespace ScanEngineAdmin.Core.Tests.Schedules;

/// <summary>Schedules, and moments as they are written.</summary>
internal static class Make
{
    public static ICronReader Cron { get; } = new CronosReader();

    public static ScheduleRecord Schedule(string zone, params string[] cron) => new()
    {
        Name = "nightly",
        PairingId = Guid.NewGuid(),
        Cron = cron,
        TimeZone = zone,
        Request = new ScanRequest { Targets = ["127.0.0.1"], Ports = "22" },
        Created = DateTimeOffset.UnixEpoch,
    };

    /// <summary>In UTC, where it has no offset.</summary>
    public static DateTimeOffset At(string text) =>
        DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
}
