namespace ScanEngineAdmin.Faults.Direction;

/// <summary>Where a host of the matrix waits, once, for its parent's word. No shipped host has such a thing.</summary>
internal sealed class PausePoint(TextWriter output) : IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(120);
    private readonly SemaphoreSlim _go = new(0);
    private readonly object _gate = new();
    private Phase? _armed;

    public void Arm(Phase phase)
    {
        lock (_gate)
        {
            _armed = phase;
        }
    }

    public bool IsArmed(Phase phase)
    {
        lock (_gate)
        {
            return _armed == phase;
        }
    }

    /// <summary>Says that the phase is reached, and blocks: the store's caller must not get any further.</summary>
    public void Reach(Phase phase)
    {
        lock (_gate)
        {
            if (_armed != phase)
            {
                return;
            }

            _armed = null;
        }

        output.WriteLine($"AT {phase}");
        output.Flush();
        if (!_go.Wait(Bound))
        {
            throw new TimeoutException($"Nobody said how to go on from {phase}.");
        }
    }

    public void Go() => _go.Release();

    public void Dispose() => _go.Dispose();
}
