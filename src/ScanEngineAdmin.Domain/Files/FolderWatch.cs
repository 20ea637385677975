using ScanEngineAdmin.Domain.Faults;

namespace ScanEngineAdmin.Domain.Files;

/// <summary>
/// Notices that a node's folder is not the one any more that it has open: it was removed, or another one is in its
/// place. What such a node writes is gone when it ends, and another node may run on the path already.
/// </summary>
internal sealed class FolderWatch
{
    private static readonly string[] Names = ["lock", "store.db"];

    private readonly string _folder;
    private readonly FileFacts?[] _begun;

    /// <summary>The caller holds the folder's lock and has its store open.</summary>
    public FolderWatch(string folder)
    {
        _folder = folder;
        _begun = Look();
    }

    /// <exception cref="ScanEngineException">DataFolderReplaced.</exception>
    public void Check()
    {
        // Windows lets nobody remove what is open; where the system does not tell files apart, the lock does.
        if (OperatingSystem.IsWindows()
            || (OperatingSystem.IsLinux() ? Look().SequenceEqual(_begun) : FolderLock.IsHeld(_folder)))
        {
            return;
        }

        throw Replaced(_folder);
    }

    internal static ScanEngineException Replaced(string path) => new(
        FaultCode.DataFolderReplaced,
        $"'{path}' was removed or replaced while it was in use. What was written since the last acknowledgement is "
            + "lost; nothing more is acknowledged.",
        "Put the folder back (a backup, or where it was moved to) and start the node again; its peers send again what "
            + "was not acknowledged.",
        path);

    private FileFacts?[] Look() => [.. Names.Select(name => FileFacts.Of(Path.Combine(_folder, name)) is { } facts
        ? new FileFacts { Device = facts.Device, Inode = facts.Inode }
        : (FileFacts?)null)];
}
