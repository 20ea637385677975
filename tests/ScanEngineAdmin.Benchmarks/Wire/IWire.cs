namespace ScanEngineAdmin.Benchmarks.Wire;

/// <summary>One open connection to the other process, of the product or of a peer.</summary>
internal interface IWire : IAsyncDisposable
{
    string Name { get; }

    /// <summary>So many bytes to the other end, which says when it has them all.</summary>
    Task UpAsync(long bytes, int message);

    /// <summary>So many bytes from the other end.</summary>
    Task DownAsync(long bytes);

    /// <summary>So many requests of 256 bytes with answers of the same length.</summary>
    Task EchoAsync(int requests, int inFlight);
}
