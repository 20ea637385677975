using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Systemd;

namespace ScanEngineAdmin.Service.Hosting;

/// <summary>
/// Tells systemd that the process still does its work, twice in the time that the unit's WatchdogSec gives it. The
/// word comes from the thread pool on which everything else runs: where that is stuck, systemd starts the unit again.
/// </summary>
internal sealed class SystemdWatchdog(ISystemdNotifier notifier, TimeProvider time, TimeSpan interval)
    : BackgroundService
{
    private static readonly ServiceState Alive = new("WATCHDOG=1");

    /// <summary>
    /// Where a manager wants to be told. The library's own test, whether the parent is called systemd, misses a node
    /// below a shell, in a container, or under another manager that speaks the same protocol.
    /// </summary>
    public static void Add(IServiceCollection services)
    {
        if (string.IsNullOrEmpty(Variable("NOTIFY_SOCKET")))
        {
            return;
        }

        services.AddSingleton<ISystemdNotifier, SystemdNotifier>();
        services.AddSingleton<IHostLifetime, SystemdLifetime>();
        if (Interval(Variable("WATCHDOG_USEC"), Variable("WATCHDOG_PID"), Environment.ProcessId) is { } interval)
        {
            services.AddHostedService(provider => new SystemdWatchdog(
                provider.GetRequiredService<ISystemdNotifier>(), provider.GetRequiredService<TimeProvider>(), interval));
        }
    }

    /// <summary>Half of what the unit allows, or null where it wants no watchdog of this process.</summary>
    private static TimeSpan? Interval(string? microseconds, string? watched, int self) =>
        long.TryParse(microseconds, NumberStyles.None, CultureInfo.InvariantCulture, out long limit)
        && limit is > 0 and < long.MaxValue / 10
        && (watched is null || watched == self.ToString(CultureInfo.InvariantCulture))
            ? TimeSpan.FromMicroseconds(Math.Clamp(limit / 2, 100_000, 600_000_000))
            : null;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(interval, time);
        do
        {
            notifier.Notify(Alive);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
    }

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name);
}
