using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;

namespace ScanEngineAdmin.Export;

/// <summary>
/// A file that is there whole or not at all: it is written beside its place, so that a reader never finds half of it and
/// a fault leaves what was there.
/// </summary>
internal static class WholeFile
{
    /// <exception cref="ScanEngineException">ExportExists: there is one, and it is not to be replaced.</exception>
    public static void Refuse(string path, bool force)
    {
        if (File.Exists(path) && !force)
        {
            throw new ScanEngineException(
                FaultCode.ExportExists,
                $"The file '{path}' is there already.",
                "Name another one, or use -Force.",
                path);
        }
    }

    /// <exception cref="ScanEngineException">OptionInvalid, StoreFull: it cannot be written.</exception>
    public static void Write(string path, bool force, Action<FileStream> write)
    {
        string part = $"{path}.{Guid.NewGuid():N}.part";
        OwnerRights? rights = OwnerRights.OfFile(path);
        try
        {
            using (FileStream file = OwnerRights.With(rights, () => new FileStream(
                part, FileMode.CreateNew, FileAccess.Write, FileShare.None, 64 * 1024)))
            {
                write(file);
            }

            OwnerRights.With(rights, () =>
            {
                OwnFile.Move(part, path, force);
                return true;
            });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FullDisk.Is(e) ? FullDisk.Fault(path, e) : new ScanEngineException(
                FaultCode.OptionInvalid, $"'{path}' cannot be written: {e.Message}", "Name another file.", path, e);
        }
        finally
        {
            // In a folder that is not there, deleting would be a fault of its own.
            OwnerRights.With(rights, () =>
            {
                if (File.Exists(part))
                {
                    File.Delete(part);
                }

                return true;
            });
        }
    }
}
