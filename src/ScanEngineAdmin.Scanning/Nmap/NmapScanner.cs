using System.Net;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Scanning.Batches;
using ScanEngineAdmin.Scanning.Plan;
using ScanEngineAdmin.Scanning.Targets;

namespace ScanEngineAdmin.Scanning.Nmap;

/// <summary>
/// Scans with nmap, block by block. A block that was cut counts as not begun, so the next run repeats one block at most.
/// </summary>
internal sealed class NmapScanner : IScanner
{
    private readonly TargetPolicy _policy;
    private readonly TimeProvider _time;
    private readonly RateBucket _rate;
    private readonly SemaphoreSlim _runs;
    private readonly Func<NmapProgram> _find;
    private readonly TargetPolicyGuard _guard;
    private readonly NameResolution _names;

    /// <param name="policy">What the engine's admin allows.</param>
    /// <param name="time">The clock.</param>
    /// <param name="rate">The policy's rate.</param>
    /// <param name="runs">One place for each run of nmap that there may be at once.</param>
    /// <param name="find">Where nmap is on this host. Throws ScanRefused where it is not.</param>
    /// <param name="lookUp">Looks a host name up; null for the system's resolver.</param>
    public NmapScanner(
        TargetPolicy policy,
        TimeProvider time,
        RateBucket rate,
        SemaphoreSlim runs,
        Func<NmapProgram> find,
        Func<string, CancellationToken, Task<IPAddress[]>>? lookUp = null)
    {
        (_policy, _time, _rate, _runs, _find) = (policy, time, rate, runs, find);
        _guard = new TargetPolicyGuard(policy);
        _names = new NameResolution(_guard, time, lookUp ?? Dns.GetHostAddressesAsync);
    }

    /// <inheritdoc/>
    public async Task<ScanBatch> RunAsync(
        ScanPlan plan,
        long cursor,
        long lastBatch,
        Func<ScanBatch, ValueTask> deliver,
        Func<bool> goesOn,
        Func<bool> isOver,
        CancellationToken stop)
    {
        NmapProgram program = NmapProgram.Require(_policy, _find);
        ScanAddresses addresses = await ScanAddresses.ResolveAsync(plan, cursor, _guard, _names, stop)
            .ConfigureAwait(false);
        long done = cursor;
        var unfinished = new NmapUnfinished();
        ScanBatch last = Batch(plan, lastBatch + 1, [], cursor);
        while (done < plan.Units && !stop.IsCancellationRequested && !isOver())
        {
            NmapBlock block;
            IReadOnlyList<Finding> found;
            try
            {
                await _runs.WaitAsync(stop).ConfigureAwait(false);
                try
                {
                    (block, found) = await ScanAsync(plan, addresses, program, done, unfinished, isOver, stop)
                        .ConfigureAwait(false);
                }
                finally
                {
                    _runs.Release();
                }
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested || isOver())
            {
                break;
            }

            done = block.End;
            ScanBatch whole = Batch(plan, last.Number, found, done);
            foreach (ScanBatch piece in BatchPieces.Of(whole, plan.Ports.Count, static next => next.Unit))
            {
                last = piece;
                if (piece.Cursor < plan.Units)
                {
                    await deliver(piece).ConfigureAwait(false);
                    last = Batch(plan, piece.Number + 1, [], piece.Cursor);
                }
            }
        }

        return last with
        {
            Final = done == plan.Units ? ScanState.Completed : ScanState.Stopped,
            Detail = string.Join(
                "; ", new[] { addresses.Detail, unfinished.Detail }.Where(static text => text.Length > 0)),
        };
    }

    private async Task<(NmapBlock Block, IReadOnlyList<Finding> Found)> ScanAsync(
        ScanPlan plan,
        ScanAddresses addresses,
        NmapProgram program,
        long unit,
        NmapUnfinished unfinished,
        Func<bool> isOver,
        CancellationToken stop)
    {
        using RateShare? share = _policy.MaxRate > 0 ? _rate.Lend(plan.Request.MaxRate) : null;
        double rate = share?.Rate ?? plan.Request.MaxRate;
        int parallelism = Math.Min(plan.Request.Parallelism, Math.Max(1, _policy.MaxParallelism));
        var block = NmapBlock.At(
            plan, addresses, unit, NmapArguments.UnitsPerRun(plan.Request, parallelism, rate));
        if (block.Addresses.Count == 0)
        {
            return (block, []);
        }

        var arguments = new NmapArguments(program, parallelism, rate, plan.Request.Timeout);
        var run = new NmapRun(program, _time);
        NmapReport report = await AskAsync(block.Addresses, services: true).ConfigureAwait(false);

        // Those whose services take too long are asked for their ports alone.
        IPAddress[] late = [.. block.Addresses.Where(address => report[address] is null)];
        NmapReport? again = late.Length == 0 ? null : await AskAsync(late, services: false).ConfigureAwait(false);
        unfinished.Add(late, late.Where(address => again?[address] is null));
        return (block, [.. Findings(plan, addresses, block, address => report[address] ?? again?[address])]);

        // The wait for a place, or the run before, may have taken long, and while this process stands still no timer of it runs.
        Task<NmapReport> AskAsync(IReadOnlyCollection<IPAddress> only, bool services) => isOver()
            ? throw new OperationCanceledException()
            : run.RunAsync(arguments.Of(block, only, services), only, stop);
    }

    /// <summary>A unit of which nmap says nothing is done without a finding, as one that is passed over.</summary>
    private IEnumerable<Finding> Findings(
        ScanPlan plan, ScanAddresses addresses, NmapBlock block, Func<IPAddress, NmapHost?> of)
    {
        DateTimeOffset now = _time.GetUtcNow();
        foreach ((long unit, long target, IPAddress address, int port) in block.Units(plan))
        {
            if (of(address)?[port] is { } said)
            {
                yield return new Finding(unit, plan.Targets[target], port, said.State, RoundTrip: null, said.Service)
                {
                    Resolved = addresses.Resolved(target),
                    Found = now,
                };
            }
        }
    }

    private static ScanBatch Batch(ScanPlan plan, long number, IReadOnlyList<Finding> findings, long cursor) => new()
    {
        Number = number,
        Findings = findings,
        Cursor = cursor,
        TargetsTotal = plan.Targets.Count,
        TargetsDone = cursor / plan.Ports.Count,
    };
}
