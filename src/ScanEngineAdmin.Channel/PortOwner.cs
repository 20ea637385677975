using System.Globalization;
using System.Net.NetworkInformation;

namespace ScanEngineAdmin.Channel;

/// <summary>Says which process listens on a port, where the system tells everybody: on Linux and Windows.</summary>
internal static class PortOwner
{
    private const string Listening = "0A";

    /// <summary>Such as "process 'nginx' (id 812)"; null when it cannot be known.</summary>
    public static string? Find(int port)
    {
        try
        {
            if (!OperatingSystem.IsLinux())
            {
                return OperatingSystem.IsWindows() && WindowsListeners.On(port) is [var first, ..]
                    ? Text(first.ProcessId)
                    : null;
            }

            var sockets = Inodes("/proc/net/tcp", port).Concat(Inodes("/proc/net/tcp6", port))
                .Select(inode => $"socket:[{inode}]").ToHashSet(StringComparer.Ordinal);
            return sockets.Count == 0 ? null : Owner(sockets);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NetworkInformationException)
        {
            return null;
        }
    }

    private static IEnumerable<string> Inodes(string table, int port)
    {
        string suffix = string.Create(CultureInfo.InvariantCulture, $":{port:X4}");
        return !File.Exists(table) ? [] : File.ReadLines(table)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(cells => cells.Length > 9 && cells[3] == Listening
                && cells[1].EndsWith(suffix, StringComparison.Ordinal))
            .Select(cells => cells[9]);
    }

    private static string Owner(HashSet<string> sockets)
    {
        // This process first: its own descriptors can always be read, and it is the likeliest owner.
        IEnumerable<int> others = Directory.EnumerateDirectories("/proc")
            .Select(path => int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out int id) ? id : 0)
            .Where(id => id > 0 && id != Environment.ProcessId);
        foreach (int id in others.Prepend(Environment.ProcessId))
        {
            if (Holds(id, sockets))
            {
                return Text(id);
            }
        }

        return "a process of another user (run as root to see which)";
    }

    private static string Text(int id) => id == Environment.ProcessId
        ? $"this very process (id {id})"
        : $"process '{Name(id)}' (id {id})";

    private static bool Holds(int id, HashSet<string> sockets)
    {
        try
        {
            return Directory.EnumerateFileSystemEntries($"/proc/{id}/fd")
                .Any(path => new FileInfo(path).LinkTarget is { } target && sockets.Contains(target));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string Name(int id)
    {
        try
        {
            using var process = System.Diagnostics.Process.GetProcessById(id);
            return process.ProcessName;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            return "unknown";
        }
    }
}
