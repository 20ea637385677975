using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ScanEngineAdmin.Service.Hosting;

/// <summary>
/// Gives memory back when the process comes to rest after work, above all when a thousand engines have come back at
/// once: the collector by itself waits for more to be allocated, which at rest may take hours.
/// </summary>
internal sealed class MemoryTrim(TimeProvider time, Func<long> allocated, Action collect) : BackgroundService
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);

    // Bytes allocated within the interval: an idle fleet of ten thousand engines stays below the lower one.
    public const long Busy = 64 << 20;
    public const long AtRest = 16 << 20;

    public static void Add(IServiceCollection services) => services.AddHostedService(static provider => new MemoryTrim(
        provider.GetRequiredService<TimeProvider>(),
        static () => GC.GetTotalAllocatedBytes(),
        static () => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true)));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);

        // What the start needed is garbage as well.
        bool worked = true;
        long before = allocated();
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            long now = allocated();
            worked |= now - before >= Busy;
            if (worked && now - before < AtRest)
            {
                collect();
                worked = false;
            }

            before = now;
        }
    }
}
