using System.Text;
using ScanEngineAdmin.Domain.Files;

namespace ScanEngineAdmin.Core.Certificates;

/// <summary>Writes a file that nobody else may read, from its first byte on.</summary>
internal static class KeyFile
{
    internal static void Write(string path, string text)
    {
        // Only a process killed while it wrote leaves a file behind; its mode may not be trusted, so it is made again.
        OwnFile.Delete(path);
        using FileStream file = FolderRights.CreateFile(path);
        file.Write(Encoding.ASCII.GetBytes(text));
        file.Flush(flushToDisk: true);
    }
}
