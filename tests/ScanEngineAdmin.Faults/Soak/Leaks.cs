using System.Globalization;
using ScanEngineAdmin.Faults.Lab;

namespace ScanEngineAdmin.Faults.Soak;

/// <summary>What each host held after the warm-up, and what it holds more of in the end.</summary>
internal sealed class Leaks(SoakLab lab)
{
    // A pool lets go of its threads after 20 s without work, a standard engine's channel is kept for 60 s.
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(100);

    // To look costs the machine that is looked at.
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private const long StoreBase = 2L << 20;
    private const long WriteAheadMost = 16L << 20;
    private const long PerFinding = 256;
    private const long PerScan = 4096;

    private readonly Dictionary<SoakHost, (ProcessUse Use, HashSet<string> Files, Dictionary<string, int> Handles)>
        _baselines = lab.Hosts.ToDictionary(
            host => host, host => (ProcessUse.Of(host.ProcessId), Files(host), Handles(host)));

    /// <summary>In words, after what is let go of by and by has had its time.</summary>
    public async Task<IReadOnlyList<string>> FindAsync(
        long scans, long findings, CancellationToken cancellationToken)
    {
        await Eventually.TrueAsync(() => !InUse().Any(), Bound, Period, cancellationToken);
        return [.. InUse(), .. lab.Hosts.SelectMany(host => OnDisk(host, scans, findings))];
    }

    /// <summary>A table of both, for whoever wants to see how near the bounds are.</summary>
    public IEnumerable<string> Table() => lab.Hosts.SelectMany(host => new[]
    {
        $"{host.Name,-10} at first  {_baselines[host].Use}",
        $"{string.Empty,-10} in the end {ProcessUse.Of(host.ProcessId)}, ended {host.Ends} times, "
            + string.Create(CultureInfo.InvariantCulture, $"store {Size(host, "store.db") >> 10} KB"),
    });

    private static HashSet<string> Files(SoakHost host) =>
        [.. Directory.EnumerateFileSystemEntries(host.NodeFolder).Select(path => Path.GetFileName(path)!)];

    private static long Size(SoakHost host, string file)
    {
        var info = new FileInfo(Path.Combine(host.NodeFolder, file));
        return info.Exists ? info.Length : 0;
    }

    private IEnumerable<string> InUse() => lab.Hosts.SelectMany(host =>
        ProcessUse.Of(host.ProcessId).Beyond(_baselines[host].Use)
            .Select(what => $"{host.Name} holds {what}; {More(host)}"));

    private string More(SoakHost host) => "more than at first: " + string.Join(", ", Handles(host)
        .Select(now => (now.Key, More: now.Value - _baselines[host].Handles.GetValueOrDefault(now.Key)))
        .Where(now => now.More > 0)
        .Select(now => string.Create(CultureInfo.InvariantCulture, $"{now.More} {now.Key}")));

    /// <summary>What the open files are, by kind and name: where there are more of them, more of what.</summary>
    private static Dictionary<string, int> Handles(SoakHost host) => ProcessUse.Handles(host.ProcessId).ToArray()
        .GroupBy(handle => Path.GetFileName(handle.Split('[', ':')[0]), StringComparer.Ordinal)
        .ToDictionary(group => group.Key, group => group.Count());

    private IEnumerable<string> OnDisk(SoakHost host, long scans, long findings)
    {
        foreach (string left in Files(host).Except(_baselines[host].Files).Where(file => !IsStore(file)))
        {
            yield return $"{host.Name} left the file {left}";
        }

        long most = StoreBase + (scans * PerScan) + (host == lab.ConsoleHost ? findings * PerFinding : 0);
        if (Size(host, "store.db") > most)
        {
            yield return $"{host.Name}'s store has {Size(host, "store.db")} bytes, at most {most}";
        }

        if (Size(host, "store.db-wal") > WriteAheadMost)
        {
            yield return $"{host.Name}'s store has {Size(host, "store.db-wal")} bytes ahead of it";
        }
    }

    // The database's own, which come and go with its connections.
    private static bool IsStore(string file) => file is "store.db-wal" or "store.db-shm";
}
