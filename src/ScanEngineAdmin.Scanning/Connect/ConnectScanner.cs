using System.Net;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Scanning.Plan;
using ScanEngineAdmin.Scanning.Targets;

namespace ScanEngineAdmin.Scanning.Connect;

/// <summary>
/// The built-in scanner: concurrent TCP connects with banners. One per engine: the policy's rate is shared by its
/// scans.
/// </summary>
internal sealed class ConnectScanner : IScanner
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

    /// <param name="policy">What the engine's admin allows.</param>
    /// <param name="time">The clock.</param>
    /// <param name="rate">The policy's rate, where another scanner shares it.</param>
    public ConnectScanner(TargetPolicy policy, TimeProvider time, RateBucket? rate = null)
        : this(
            policy, time, static (socket, args) => socket.ConnectAsync(args), Dns.GetHostAddressesAsync, rate: rate)
    {
    }

    internal ConnectScanner(
        TargetPolicy policy,
        TimeProvider time,
        SocketConnect connect,
        Func<string, CancellationToken, Task<IPAddress[]>> lookUp,
        OpenFileLimit? files = null,
        RateBucket? rate = null)
    {
        _files = files ?? OpenFileLimit.Shared;
        _policy = policy;
        _time = time;
        _connect = connect;
        _guard = new TargetPolicyGuard(policy);
        _rate = rate ?? new RateBucket(policy.MaxRate, time);
        _names = new NameResolution(_guard, time, lookUp);
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
        ScanAddresses addresses = await ScanAddresses.ResolveAsync(plan, cursor, _guard, _names, stop)
            .ConfigureAwait(false);
        using OpenFileLimit.Share sockets = _files.Take(
            Math.Min(plan.Request.Parallelism, Math.Max(1, _policy.MaxParallelism)));
        using var run = new ProbeRun(
            plan, cursor, addresses, sockets.Count, Rates(plan.Request), goesOn, isOver, _time, _connect);
        using CancellationTokenRegistration stopping = stop.UnsafeRegister(static r => Stop((ProbeRun)r!), run);
        long number = lastBatch;
        try
        {
            run.Kick();
            while (!run.IsOver && !run.Stopping)
            {
                if (run.IsBatchDue)
                {
                    IReadOnlyList<ScanBatch> batches = run.Take(number + 1);
                    run.Kick();
                    foreach (ScanBatch batch in batches)
                    {
                        await deliver(batch).ConfigureAwait(false);
                    }

                    number += batches.Count;
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

        IReadOnlyList<ScanBatch> rest = run.Take(number + 1);
        foreach (ScanBatch batch in rest.SkipLast(1))
        {
            await deliver(batch).ConfigureAwait(false);
        }

        return Last(run, rest[^1], addresses.Detail);
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
