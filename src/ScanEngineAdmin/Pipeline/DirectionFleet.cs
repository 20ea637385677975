using ScanEngineAdmin.Core.Directions;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;

namespace ScanEngineAdmin.Pipeline;

/// <summary>
/// Works on many engines at once, at most so many at a time: what comes of each is written as it comes, one engine's
/// fault is that engine's error, and one progress bar tells of all.
/// </summary>
internal sealed class DirectionFleet(
    IReadOnlyList<(EngineRecord Engine, DirectionChangeRequest Request)> items, int throttleLimit, bool stopOnError)
{
    private readonly object _gate = new();
    private readonly Dictionary<Guid, ChangeRecord?> _underWay = [];
    private int _done;
    private int _failed;
    private (ScanEngineException Fault, string Engine)? _ending;

    /// <summary>Does one engine's part; what it reports of its change goes into the progress bar.</summary>
    public delegate Task Work(
        EngineRecord engine, DirectionChangeRequest request, Action<ChangeRecord> progress,
        CancellationToken cancellationToken);

    /// <summary>The fault that ended it before all were begun; null if all had their turn.</summary>
    public async Task<(ScanEngineException Fault, string Engine)?> RunAsync(
        PipelineWriter writer, Work work, CancellationToken cancellationToken)
    {
        using var room = new SemaphoreSlim(throttleLimit);
        var running = new List<Task>(items.Count);
        int begun = 0;
        foreach ((EngineRecord engine, DirectionChangeRequest request) in items)
        {
            await room.WaitAsync(cancellationToken).ConfigureAwait(false);
            if (Ending is not null)
            {
                break;
            }

            begun++;
            running.Add(Task.Run(
                async () =>
                {
                    try
                    {
                        await OneAsync(writer, work, engine, request, cancellationToken).ConfigureAwait(false);
                    }
                    finally
                    {
                        room.Release();
                    }
                },
                CancellationToken.None));
        }

        // The console finishes the changes that were begun: their outcomes are still reported.
        await Task.WhenAll(running).ConfigureAwait(false);
        writer.Progress(ProgressOf.Fleet(items.Count, _done, _failed, null, over: true));
        if (begun < items.Count)
        {
            writer.Warning($"Not begun: {string.Join(", ", items.Skip(begun).Select(item => item.Engine.Name))}.");
        }

        return Ending;
    }

    private (ScanEngineException Fault, string Engine)? Ending
    {
        get
        {
            lock (_gate)
            {
                return _ending;
            }
        }
    }

    private async Task OneAsync(
        PipelineWriter writer, Work work, EngineRecord engine, DirectionChangeRequest request,
        CancellationToken cancellationToken)
    {
        Note(writer, engine, null);
        bool failed = true;
        try
        {
            await work(engine, request, change => Note(writer, engine, change), cancellationToken)
                .ConfigureAwait(false);
            failed = false;
        }
        catch (ScanEngineException fault)
        {
            bool ends = stopOnError || FaultCategories.EndsThePipeline(fault.Code);
            lock (_gate)
            {
                ends = ends && _ending is null;
                _ending = ends ? (fault, engine.Name) : _ending;
            }

            if (!ends)
            {
                writer.Error(FaultRecord.Of(fault, engine.Name));
            }
        }
        finally
        {
            lock (_gate)
            {
                _underWay.Remove(engine.PairingId);
                _done += failed ? 0 : 1;
                _failed += failed ? 1 : 0;
            }
        }

        Note(writer, null, null);
    }

    private void Note(PipelineWriter writer, EngineRecord? engine, ChangeRecord? change)
    {
        lock (_gate)
        {
            if (engine is not null)
            {
                _underWay[engine.PairingId] = change;
            }

            writer.Progress(ProgressOf.Fleet(items.Count, _done, _failed, _underWay.Values, over: false));
        }
    }
}
