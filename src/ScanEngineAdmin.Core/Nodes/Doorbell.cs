namespace ScanEngineAdmin.Core.Nodes;

/// <summary>
/// How a process that wrote a wish into the store wakes the node that runs on it: a named pipe in the data folder, so
/// that nobody polls. A ring may be lost (the node also looks at the store now and then); a ring is never a command.
/// </summary>
public sealed class Doorbell : IAsyncDisposable
{
    /// <summary>Listens in <paramref name="folder"/>; <paramref name="rung"/> is called for every ring, never twice at once.</summary>
    public static Doorbell Start(string folder, Action rung) => throw new NotImplementedException(folder + rung);

    /// <summary>Rings; false when nobody listens. Takes at most a second.</summary>
    public static Task<bool> RingAsync(string folder, CancellationToken cancellationToken) => throw new NotImplementedException(folder);

    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
