namespace ScanEngineAdmin.Channel.Streams;

/// <summary>
/// Whose frame comes next: of the streams that have something to send, the one that was served least. Under the
/// writer's gate.
/// </summary>
internal sealed class SendTurns
{
    // What a stream may catch up that had nothing to send for a while: enough for a writer that was not scheduled at
    // once, too little to keep the others waiting.
    private const long MaxLag = 512 * 1024;
    private readonly PriorityQueue<SendSide, long> _queue = new();
    private long _now;

    public bool HasAny => _queue.Count > 0;

    public void Add(SendSide side)
    {
        side.IsScheduled = true;
        if (side.NeverOpened)
        {
            // Ids must reach the peer in rising order.
            side.Served = _now;
            _queue.Enqueue(side, long.MinValue + side.Id);
            return;
        }

        side.Served = Math.Max(side.Served, _now - MaxLag);
        _queue.Enqueue(side, side.Served);
    }

    public SendSide Take()
    {
        SendSide side = _queue.Dequeue();
        side.IsScheduled = false;
        _now = Math.Max(_now, side.Served);
        return side;
    }
}
