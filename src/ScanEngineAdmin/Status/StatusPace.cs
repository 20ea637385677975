using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Status;

/// <summary>
/// When the status is read again: soon after something was written, now and then without that as ages grow, and never so
/// often that reading takes more than a small part of the time.
/// </summary>
internal sealed class StatusPace(IConsoleStore store, TimeProvider time)
{
    /// <summary>How often the version of the store and the keys are looked at.</summary>
    public static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);
    private const int RestPerRead = 10;

    private long? _version;
    private long _begun;
    private TimeSpan _rest;

    public bool IsDue() => _version is not { } known
        || time.GetElapsedTime(_begun) >= (store.DataVersion == known && _rest < Longest ? Longest : _rest);

    /// <summary>Reads, and reckons the rest by how long that took.</summary>
    public T Read<T>(Func<T> read)
    {
        _begun = time.GetTimestamp();
        _version = store.DataVersion;
        T value = read();
        TimeSpan rest = time.GetElapsedTime(_begun) * RestPerRead;
        _rest = rest < Shortest ? Shortest : rest;
        return value;
    }
}
