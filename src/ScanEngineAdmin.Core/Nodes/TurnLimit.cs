namespace ScanEngineAdmin.Core.Nodes;

/// <summary>Lets a loop turn some times in a row, and on average once a spacing. For one thread at a time.</summary>
internal sealed class TurnLimit(TimeSpan spacing, int inARow)
{
    private TimeSpan _booked = TimeSpan.MinValue;

    /// <summary>How long until the next turn is allowed; not positive when it is.</summary>
    public TimeSpan Left(TimeSpan now) =>
        _booked <= now ? TimeSpan.Zero : _booked - now - (spacing * (inARow - 1));

    public void Take(TimeSpan now) => _booked = (_booked > now ? _booked : now) + spacing;
}
