using System.Globalization;

namespace ScanEngineAdmin.Scanning.Connect;

/// <summary>
/// How many sockets all scans of a process may hold of those that it may still open. At its limit of open files a .NET
/// process does not get an error but dies, since the runtime cannot load its own assemblies any more: its scans must
/// stay below, however many of them begin at once.
/// </summary>
internal sealed class OpenFileLimit(Func<int?> left)
{
    private const string Limits = "/proc/self/limits";
    private const string Status = "/proc/self/status";

    /// <summary>One plain file for each open one. Of the links in <c>fd</c>, .NET would look at every target.</summary>
    private const string Open = "/proc/self/fdinfo";

    private readonly object _gate = new();
    private int _given;

    /// <summary>The one of this process.</summary>
    public static OpenFileLimit Shared { get; } = new(Left);

    /// <summary>
    /// All scans have half of what is free, as the other half is for channels and the store; each has at most half of
    /// what those before it have left of that. One at least, so that every scan goes on.
    /// </summary>
    public Share Take(int wanted)
    {
        lock (_gate)
        {
            // What was given to other scans is counted whether they have opened it yet or not.
            int given = left() is { } free ? Math.Clamp(((free / 2) - _given) / 2, 1, wanted) : wanted;
            _given += given;
            return new Share(this, given);
        }
    }

    /// <summary>Null where there is no such limit, or the system does not tell.</summary>
    private static int? Left()
    {
        if (!File.Exists(Limits))
        {
            return null;
        }

        try
        {
            // The places of the table of open files are told at once; to count those in use takes time for each.
            return Number(Limits, "Max open files") is not { } limit
                ? null
                : Number(Status, "FDSize:") is { } places && places <= limit / 2
                    ? limit - places
                    : limit - Directory.EnumerateFileSystemEntries(Open).Count();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static int? Number(string file, string row)
    {
        string line = File.ReadLines(file).FirstOrDefault(line => line.StartsWith(row, StringComparison.Ordinal)) ?? row;
        string? first = line[row.Length..].Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();
        return int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;
    }

    /// <summary>What one scan may hold; given back when it is over.</summary>
    internal sealed class Share(OpenFileLimit limit, int count) : IDisposable
    {
        private int _back;

        public int Count => count;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _back, 1) == 0)
            {
                lock (limit._gate)
                {
                    limit._given -= count;
                }
            }
        }
    }
}
