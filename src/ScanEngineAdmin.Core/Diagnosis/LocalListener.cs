using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using ScanEngineAdmin.Channel;

namespace ScanEngineAdmin.Core.Diagnosis;

/// <summary>A listening TCP socket of this host.</summary>
/// <param name="EndPoint">Where it is bound.</param>
/// <param name="ProcessId">Whose it is; null where the system does not tell this user.</param>
/// <param name="ProcessName">The process's name, where it is known.</param>
internal sealed record LocalListener(IPEndPoint EndPoint, int? ProcessId, string? ProcessName)
{
    private const string Listening = "0A";

    public string Owner => ProcessId is { } id
        ? string.Create(CultureInfo.InvariantCulture, $"process {id} ({ProcessName ?? "name unknown"})")
        : "a process that this user may not see";

    /// <summary>All sockets that listen on a port, on whichever address.</summary>
    public static IReadOnlyList<LocalListener> On(int port)
    {
        if (OperatingSystem.IsWindows())
        {
            return [.. WindowsListeners.On(port).Select(static one => new LocalListener(
                one.EndPoint, one.ProcessId, ProcessNameOf(one.ProcessId)))];
        }

        if (!OperatingSystem.IsLinux())
        {
            return [.. IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners()
                .Where(e => e.Port == port).Select(static e => new LocalListener(e, null, null))];
        }

        (IPEndPoint EndPoint, string Inode)[] sockets =
            [.. Read("/proc/net/tcp", port), .. Read("/proc/net/tcp6", port)];
        return [.. sockets.Select(static s =>
        {
            int? owner = OwnerOf(s.Inode);
            return new LocalListener(s.EndPoint, owner, owner is { } id ? NameOf(id) : null);
        })];
    }

    private static IEnumerable<(IPEndPoint EndPoint, string Inode)> Read(string table, int port)
    {
        if (!File.Exists(table))
        {
            yield break;
        }

        foreach (string line in File.ReadLines(table).Skip(1))
        {
            string[] columns = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (columns.Length < 10 || columns[3] != Listening)
            {
                continue;
            }

            string[] local = columns[1].Split(':');
            int bound = int.Parse(local[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (bound == port)
            {
                yield return (new IPEndPoint(Address(local[0]), bound), columns[9]);
            }
        }
    }

    // The kernel prints each 32-bit word in its own byte order.
    private static IPAddress Address(string hex)
    {
        byte[] bytes = Convert.FromHexString(hex);
        if (BitConverter.IsLittleEndian)
        {
            for (int word = 0; word < bytes.Length; word += 4)
            {
                Array.Reverse(bytes, word, 4);
            }
        }

        return new IPAddress(bytes);
    }

    private static int? OwnerOf(string inode)
    {
        string wanted = $"socket:[{inode}]";
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out int id)
                && Holds(Path.Combine(folder, "fd"), wanted))
            {
                return id;
            }
        }

        return null;
    }

    private static bool Holds(string folder, string wanted)
    {
        try
        {
            return Directory.EnumerateFileSystemEntries(folder)
                .Any(entry => new FileInfo(entry).LinkTarget == wanted);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another user's process, or one that has just ended.
            return false;
        }
    }

    private static string? NameOf(int id)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/comm").Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string? ProcessNameOf(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            return process.ProcessName;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            // It has ended in between.
            return null;
        }
    }
}
