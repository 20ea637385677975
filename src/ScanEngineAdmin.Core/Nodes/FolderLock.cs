namespace ScanEngineAdmin.Core.Nodes;

/// <summary>Who runs on a data folder: a lock of the OS, which the kernel frees when its process dies, however it dies.</summary>
public sealed class FolderLock : IDisposable
{
    /// <summary>Takes the lock; null when another process (or another node in this one) holds it.</summary>
    public static FolderLock? TryTake(string folder) => throw new NotImplementedException(folder);

    /// <summary>Whether somebody holds it now.</summary>
    public static bool IsHeld(string folder) => throw new NotImplementedException(folder);

    public void Dispose() => throw new NotImplementedException();
}
