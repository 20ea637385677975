using System.Net;
using System.Net.Sockets;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Scanning;
using ScanEngineAdmin.Scanning.Nmap;
using ScanEngineAdmin.Scanning.Plan;
using ScanEngineAdmin.Scanning.Targets;

namespace ScanEngineAdmin.Core.Tests.Scans;

/// <summary>Runs a scan with nmap and keeps its batches, as an engine does.</summary>
internal sealed class NmapSession(Func<NmapProgram> find)
{
    public List<ScanBatch> Batches { get; } = [];

    public ScanBatch Last => Batches[^1];

    public List<Finding> Findings => [.. Batches.SelectMany(batch => batch.Findings)];

    public TargetPolicy Policy { get; init; } = new() { AllowNmap = true };

    /// <summary>Whether no run may be begun any more.</summary>
    public Func<bool> IsOver { get; init; } = static () => false;

    /// <summary>The places for runs.</summary>
    public SemaphoreSlim Runs { get; init; } = new(1);

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public Func<string, CancellationToken, Task<IPAddress[]>> LookUp { get; init; } =
        (_, _) => throw new SocketException((int)SocketError.HostNotFound);

    public async Task RunAsync(ScanRequest request, long cursor = 0, CancellationToken stop = default)
    {
        var scanner = new NmapScanner(Policy, Time, new RateBucket(Policy.MaxRate, Time), Runs, find, LookUp);
        Batches.Add(await scanner.RunAsync(
            ScanPlan.Create(request),
            cursor,
            Batches.Count,
            batch =>
            {
                Batches.Add(batch);
                return ValueTask.CompletedTask;
            },
            static () => false,
            IsOver,
            stop));
    }
}
