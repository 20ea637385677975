using System.Text;
using ScanEngineAdmin.Domain.Files;

namespace ScanEngineAdmin.Core.Services;

/// <summary>The file of a unit: in a folder of root's, never through a link, whole or not there at all.</summary>
internal sealed class UnitFile(string folder, string name)
{
    // A unit of this product has some forty lines; what is longer is somebody else's.
    private const int MostBytes = 64 * 1024;

    public string Path { get; } = System.IO.Path.Combine(folder, name + ".service");

    /// <summary>Null where there is none.</summary>
    /// <exception cref="Domain.Faults.ScanEngineException">ServiceNotOurs.</exception>
    public string? Read()
    {
        if (FileFacts.Of(Path) is not { } facts)
        {
            return null;
        }

        if (!facts.IsRegular)
        {
            throw ServiceFaults.NotOurs(Path, $"it is {facts.KindName}");
        }

        using var file = new FileStream(OwnFile.Open(Path, write: false), FileAccess.Read);
        byte[] bytes = new byte[MostBytes];
        string text = Encoding.UTF8.GetString(bytes, 0, file.ReadAtLeast(bytes, MostBytes, throwOnEndOfStream: false));
        return text.StartsWith(SystemdUnit.Mark, StringComparison.Ordinal)
            ? text : throw ServiceFaults.NotOurs(Path, "it does not begin as this product's units do");
    }

    public void Write(string text)
    {
        Check();
        string half = System.IO.Path.Combine(folder, $".{name}.{Guid.NewGuid():N}");
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead
                | UnixFileMode.OtherRead;
        }

        try
        {
            using (var file = new FileStream(half, options))
            {
                file.Write(Encoding.UTF8.GetBytes(text));
                file.Flush(flushToDisk: true);
            }

            if (options.UnixCreateMode is { } mode && !OperatingSystem.IsWindows())
            {
                // Whatever root's own mask takes away: everybody may see which services there are.
                File.SetUnixFileMode(half, mode);
            }

            File.Move(half, Path, overwrite: true);
        }
        catch
        {
            File.Delete(half);
            throw;
        }
    }

    public void Delete()
    {
        Check();
        File.Delete(Path);
    }

    private void Check()
    {
        if ((FileOwner.WhyNotOurs(folder) ?? FileOwner.WhyReplaceable(folder)) is { } why)
        {
            throw ServiceFaults.NotOurs(folder, why);
        }
    }
}
