using System.Collections.Concurrent;
using System.Diagnostics;
using ScanEngineAdmin.Core.Directions;
using ScanEngineAdmin.Domain.Faults;

namespace ScanEngineAdmin.Faults.Soak;

/// <summary>Does to the lab what the schedule says, each fault at its time, and heals each of them.</summary>
internal sealed class Chaos(SoakLab lab, SoakLinks links, ScanFeed feed, Recoveries recoveries)
{
    private static readonly TimeSpan ChangeTimeout = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan ChangeBound = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<string, int> _injected = [];
    private readonly ConcurrentBag<string> _failures = [];

    /// <summary>How many of each kind; changes of direction with what became of them.</summary>
    public IReadOnlyDictionary<string, int> Injected => _injected;

    /// <summary>Faults that could not be made: then the run proves less than it says.</summary>
    public IReadOnlyCollection<string> Failures => _failures;

    public async Task RunAsync(
        IReadOnlyList<PlannedFault> schedule, TimeSpan time, CancellationToken cancellationToken)
    {
        long started = Stopwatch.GetTimestamp();
        List<Task> running = [];
        try
        {
            foreach (PlannedFault fault in schedule)
            {
                await UntilAsync(fault.At, started, cancellationToken);
                running.Add(HitAsync(fault, cancellationToken));
            }

            await UntilAsync(time, started, cancellationToken);
        }
        finally
        {
            await Task.WhenAll(running);
        }
    }

    private static Task UntilAsync(TimeSpan at, long started, CancellationToken cancellationToken)
    {
        TimeSpan rest = at - Stopwatch.GetElapsedTime(started);
        return rest > TimeSpan.Zero ? Task.Delay(rest, cancellationToken) : Task.CompletedTask;
    }

    private async Task HitAsync(PlannedFault fault, CancellationToken cancellationToken)
    {
        try
        {
            await (fault.Kind switch
            {
                FaultKind.ChangeDirection => ChangeAsync(lab.Engines[fault.Host - 1], cancellationToken),
                FaultKind.StopScan => StopScanAsync(fault),
                _ => DisturbAsync(fault, cancellationToken),
            });
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            _failures.Add($"{fault.Line}: {exception}");
        }
    }

    private async Task DisturbAsync(PlannedFault fault, CancellationToken cancellationToken)
    {
        SoakHost host = fault.Host == 0 ? lab.ConsoleHost : lab.Engines[fault.Host - 1].Host;
        SoakEngine[] engines = fault.Host == 0 ? [.. lab.Engines] : [lab.Engines[fault.Host - 1]];
        Array.ForEach(engines, recoveries.Begun);
        try
        {
            await BeginAsync(fault, host);
            Count(fault.Kind.ToString());
            await Task.Delay(fault.Lasts, cancellationToken);
        }
        finally
        {
            End(fault, host);
            Array.ForEach(engines, recoveries.Healed);
        }
    }

    private async Task BeginAsync(PlannedFault fault, SoakHost host)
    {
        switch (fault.Kind)
        {
            case FaultKind.Kill:
                await host.KillAsync();
                break;
            case FaultKind.Restart:
                await host.TerminateAsync();
                break;
            case FaultKind.Freeze:
                host.Stop();
                break;
            default:
                links.Begin(fault, host, fault.Host == 0 ? SoakLab.EnginePort : lab.Engines[fault.Host - 1].OtherPort);
                break;
        }
    }

    private void End(PlannedFault fault, SoakHost host)
    {
        switch (fault.Kind)
        {
            case FaultKind.Kill or FaultKind.Restart:
                host.Start();
                break;
            case FaultKind.Freeze:
                host.Continue();
                break;
            default:
                links.End(fault, host);
                break;
        }
    }

    private async Task ChangeAsync(SoakEngine engine, CancellationToken cancellationToken)
    {
        string outcome;
        try
        {
            DirectionChangeRequest request = engine.Request(lab.ConsoleHost, ChangeTimeout);
            await lab.Console.Direction.ChangeAsync(engine.PairingId, request, null, cancellationToken)
                .WaitAsync(ChangeBound, cancellationToken);
            outcome = "committed";
        }
        catch (ScanEngineException exception)
        {
            // It is what the fault of the moment makes of it; what both ends agree on is judged in the end.
            outcome = exception.Code.ToString();
        }

        Count($"{FaultKind.ChangeDirection} {outcome}");
    }

    private Task StopScanAsync(PlannedFault fault)
    {
        try
        {
            if (feed.Stop(lab.Engines[fault.Host - 1], fault.Draw))
            {
                Count(fault.Kind.ToString());
            }
        }
        catch (ScanEngineException exception)
        {
            Count($"{fault.Kind} {exception.Code}");
        }

        return Task.CompletedTask;
    }

    private void Count(string what) => _injected.AddOrUpdate(what, 1, (_, count) => count + 1);
}
