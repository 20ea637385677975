using System.Net;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Scanning.Plan;
using ScanEngineAdmin.Scanning.Targets;

namespace ScanEngineAdmin.Scanning.Connect;

/// <summary>
/// The built-in scanner: concurrent TCP connects with banners. One per engine: the policy's rate is shared by its
/// scans.
/// </summary>
internal sealed class ConnectScanner
{
    /// <summary>How long sockets may take to report that they are closed.</summary>
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(5);

    /// <summary>The batch loop looks at the run at least so often, also when no signal came.</summary>
    private static readonly TimeSpan CheckInterval = TimeSpan.FromMilliseconds(500);

    private readonly TargetPolicy _policy;
    private readonly TargetPolicyGuard _guard;
    private readonly RateBucket _rate;
    private readonly TimeProvider _time;
    private readonly SocketConnect _connect;
    private readonly NameResolution _names;
    private readonly OpenFileLimit _files;

    public ConnectScanner(TargetPolicy policy, TimeProvider time)
        : this(policy, time, static (socket, args) => socket.ConnectAsync(args), Dns.GetHostAddressesAsync)
    {
    }

    internal ConnectScanner(
        TargetPolicy policy,
        TimeProvider time,
        SocketConnect connect,
        Func<string, CancellationToken, Task<IPAddress[]>> lookUp,
        OpenFileLimit? files = null)
    {
        _files = files ?? OpenFileLimit.Shared;
        _policy = policy;
        _time = time;
        _connect = connect;
        _guard = new TargetPolicyGuard(policy);
        _rate = new RateBucket(policy.MaxRate, time);
        _names = new NameResolution(_guard, time, lookUp);
    }

    /// <summary>
    /// Scans from a cursor on. Every batch but the last is delivered, one at a time and awaited: a slow consumer slows
    /// the scan down. The last is returned: it says Completed, Failed, or Stopped when <paramref name="stop"/> was
    /// cancelled, with what was found until then. (An engine that stops to go on later keeps the batch without its
    /// Final.) Throws ScanRefused when the policy forbids a target; what the delivery throws ends the scan and is
    /// thrown on.
    /// </summary>
    /// <param name="plan">What to scan.</param>
    /// <param name="cursor">Units below it are done: 0, or the cursor of the last batch that was kept.</param>
    /// <param name="lastBatch">The number of the last batch that was kept; 0 for none.</param>
    /// <param name="deliver">Keeps a batch. It takes no token: a batch half kept at a stop would be a gap.</param>
    /// <param name="goesOn">
    /// Asked at a stop: whether another run goes on from there. Then an open port that was not heard out is left to it.
    /// </param>
    /// <param name="stop">Ends the scan within moments.</param>
    public async Task<ScanBatch> RunAsync(
        ScanPlan plan,
        long cursor,
        long lastBatch,
        Func<ScanBatch, ValueTask> deliver,
        Func<bool> goesOn,
        CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(deliver);
        ArgumentNullException.ThrowIfNull(goesOn);
        ArgumentOutOfRangeException.ThrowIfNegative(cursor);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(cursor, plan.Units);
        _guard.Check(plan.Targets);
        IPAddress?[] named;
        string detail;
        var skipped = new SkippedTargets(plan.Targets, _guard.Forbidden);
        try
        {
            AddressSet excluded = await _names.ExcludedAsync(plan.Exclusions.Names, stop).ConfigureAwait(false);
            skipped.Exclude(excluded);
            (named, detail) = await _names.ResolveAsync(
                plan.Targets.Names, plan.Exclusions.Addresses.With(excluded), stop).ConfigureAwait(false);
            detail = skipped.Detail(detail);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Nothing is asked: the run ends before its first probe.
            (named, detail) = (new IPAddress?[plan.Targets.Names.Count], string.Empty);
        }

        using OpenFileLimit.Share sockets = _files.Take(
            Math.Min(plan.Request.Parallelism, Math.Max(1, _policy.MaxParallelism)));
        using var run = new ProbeRun(
            plan, cursor, named, skipped, sockets.Count, Rates(plan.Request), goesOn, _time, _connect);
        using CancellationTokenRegistration stopping = stop.UnsafeRegister(static r => Stop((ProbeRun)r!), run);
        long number = lastBatch;
        try
        {
            run.Kick();
            while (!run.IsOver && !run.Stopping)
            {
                if (run.IsBatchDue)
                {
                    ScanBatch batch = run.Take(++number);
                    run.Kick();
                    await deliver(batch).ConfigureAwait(false);
                }
                else
                {
                    await run.WaitAsync(CheckInterval).ConfigureAwait(false);
                }
            }
        }
        finally
        {
            await EndAsync(run).ConfigureAwait(false);
        }

        return Last(run, run.Take(number + 1), detail);
    }

    private static ScanBatch Last(ProbeRun run, ScanBatch batch, string detail)
    {
        ScanState final = run.IsComplete
            ? ScanState.Completed
            : run.Fault is null ? ScanState.Stopped : ScanState.Failed;
        string all = string.Join("; ", new[] { final == ScanState.Failed ? run.Fault?.Message : null, detail }
            .Where(text => !string.IsNullOrEmpty(text)));
        return batch with { Final = final, Detail = all };
    }

    /// <summary>No probe may call back into a run that is disposed.</summary>
    private static async Task EndAsync(ProbeRun run)
    {
        run.Stop();
        for (int i = 0; i < StopGrace / CheckInterval && !run.IsOver; i++)
        {
            await run.WaitAsync(CheckInterval).ConfigureAwait(false);
            run.Stop();
        }
    }

    private static void Stop(ProbeRun run)
    {
        run.Stop();
        run.Signal();
    }

    private RateBucket[] Rates(ScanRequest request) =>
        new[] { request.MaxRate > 0 ? new RateBucket(request.MaxRate, _time) : null,
        _policy.MaxRate > 0 ? _rate : null }
            .OfType<RateBucket>().ToArray();
}
