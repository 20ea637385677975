using System.Diagnostics.CodeAnalysis;
using ScanEngineAdmin.Channel;

namespace ScanEngineAdmin.Core.Messages;

/// <summary>
/// One stream of a kind at a time: the newest takes over, because its opener has given the older one up.
/// At most one waits for that; any further one is refused, so that a hostile peer's streams cannot add up.
/// </summary>
[SuppressMessage(
    "Reliability", "CA1001:Types that own disposable fields should be disposable", Justification = "No wait handles.")]
internal sealed class OneStream
{
    private readonly object _gate = new();
    private readonly SemaphoreSlim _turn = new(1, 1);
    private CancellationTokenSource? _running;
    private bool _waiting;

    public async Task RunAsync(
        ChannelStream stream, Func<CancellationToken, Task> run, CancellationToken cancellationToken)
    {
        using var mine = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bool taken;
        lock (_gate)
        {
            taken = _waiting;
            _waiting = true;
            if (!taken)
            {
                _running?.Cancel();
            }
        }

        if (taken)
        {
            stream.Reset((int)RequestCode.Busy, "One stream of this kind is enough.");
            return;
        }

        try
        {
            await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            lock (_gate)
            {
                _waiting = false;
            }

            throw;
        }

        lock (_gate)
        {
            (_waiting, _running) = (false, mine);
        }

        try
        {
            await run(mine.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            stream.Reset((int)RequestCode.Busy, "A newer stream of this kind took over.");
        }
        finally
        {
            lock (_gate)
            {
                _running = null;
            }

            _turn.Release();
        }
    }
}
