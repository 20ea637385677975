using System.Globalization;

namespace ScanEngineAdmin.Scanning.Connect;

/// <summary>
/// How many sockets a scan may hold of those that this process may still open. At its limit of open files a .NET
/// process does not get an error but dies, since the runtime cannot load its own assemblies any more: a scan must stay
/// below.
/// </summary>
internal static class OpenFileLimit
{
    private const string Limits = "/proc/self/limits";
    private const string Row = "Max open files";

    public static int Bearable(int wanted)
    {
        if (!File.Exists(Limits))
        {
            return wanted;
        }

        try
        {
            string row = File.ReadLines(Limits).FirstOrDefault(line => line.StartsWith(Row, StringComparison.Ordinal))
                ?? Row;
            string soft = row[Row.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault()
                ?? string.Empty;
            return int.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out int limit)
                ? Half(limit - Directory.EnumerateFileSystemEntries("/proc/self/fd").Count(), wanted)
                : wanted;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return wanted;
        }
    }

    /// <summary>The other half is for the channel, the store, and another scan.</summary>
    internal static int Half(int left, int wanted) => Math.Clamp(left / 2, 1, wanted);
}
