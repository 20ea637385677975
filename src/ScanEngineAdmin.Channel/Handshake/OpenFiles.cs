using System.Globalization;

namespace ScanEngineAdmin.Channel.Handshake;

/// <summary>
/// How many files and sockets this process may have open. A runtime that can open none any more cannot start a thread
/// either, and ends the process; so what strangers may hold open has to stay well below it.
/// </summary>
internal static class OpenFiles
{
    private const string Name = "Max open files";

    /// <summary>The limit; <see cref="int.MaxValue"/> where there is none or the system does not tell.</summary>
    public static int Limit()
    {
        try
        {
            return OperatingSystem.IsLinux() ? Parse(File.ReadLines("/proc/self/limits")) : int.MaxValue;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return int.MaxValue;
        }
    }

    /// <summary>Of the lines of /proc/self/limits, the limit in force (the first of two).</summary>
    internal static int Parse(IEnumerable<string> lines)
    {
        string? line = lines.FirstOrDefault(line => line.StartsWith(Name, StringComparison.Ordinal));
        string? soft = line?[Name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();
        return int.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out int limit)
            ? limit
            : int.MaxValue;
    }
}
