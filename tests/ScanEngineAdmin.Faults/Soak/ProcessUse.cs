using System.Globalization;
using ScanEngineAdmin.Faults.Lab;

namespace ScanEngineAdmin.Faults.Soak;

/// <summary>What a process holds of its machine, as the kernel counts it.</summary>
internal sealed record ProcessUse(
    int Files, int Stores, int Sockets, int Threads, long Memory, int Listening, int Connected)
{
    // What a pool keeps, or a collection has not been needed for, is no leak; files are steady to within one.
    private const int MoreFiles = 1;

    // A store keeps a connection that writes, one that watches and up to eight that read, of two or three files each.
    private const int MostStores = 30;
    private const int MoreSockets = 2;
    private const int MoreThreads = 8;
    private const long MoreMemory = 64L << 20;

    /// <summary>Nothing, of one that has ended.</summary>
    public static ProcessUse Of(int processId)
    {
        try
        {
            return Look(processId);
        }
        catch (IOException)
        {
            return new ProcessUse(0, 0, 0, 0, 0, 0, 0);
        }
    }

    /// <summary>What its open files are but its own code: a path, or a kind with a number.</summary>
    public static IEnumerable<string> Handles(int processId)
    {
        string folder = string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/fd");
        foreach (string handle in Directory.EnumerateFiles(folder))
        {
            string? target = null;
            try
            {
                target = new FileInfo(handle).LinkTarget;
            }
            catch (IOException)
            {
                // Closed meanwhile.
            }

            // A runtime opens its code when it is first needed, and keeps it.
            if (target is not null && Path.GetExtension(target) is not (".dll" or ".pdb"))
            {
                yield return target;
            }
        }
    }

    /// <summary>What is more than a process that leaks nothing holds, in words.</summary>
    public IEnumerable<string> Beyond(ProcessUse baseline)
    {
        (string Name, long Now, long Most)[] uses =
        [
            ("open files", Files, baseline.Files + MoreFiles),
            ("files of its store", Stores, MostStores),
            ("sockets", Sockets, baseline.Sockets + MoreSockets),
            ("threads", Threads, baseline.Threads + MoreThreads),
            ("bytes of memory", Memory, baseline.Memory + MoreMemory),
        ];
        return uses.Where(use => use.Now > use.Most)
            .Select(use => string.Create(CultureInfo.InvariantCulture, $"{use.Now} {use.Name}, at most {use.Most}"));
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"files {Files,3} + {Stores,2} of its store, sockets {Sockets,2} ({Listening} listening, "
        + $"{Connected} connected), threads {Threads,2}, memory {Memory >> 20,3} MB");

    private static ProcessUse Look(int processId)
    {
        string root = string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}");
        string[] handles = [.. Handles(processId)];
        int stores = handles.Count(handle => Path.GetFileName(handle).StartsWith("store.db", StringComparison.Ordinal));
        Dictionary<string, string> status = File.ReadLines(root + "/status").Select(line => line.Split(':', 2))
            .ToDictionary(words => words[0], words => words[1].Trim());
        IReadOnlyList<TcpTable> table = TcpTable.Of(processId);
        int sockets = handles.Count(handle => handle.StartsWith("socket:", StringComparison.Ordinal));
        return new ProcessUse(
            handles.Length - stores - sockets,
            stores,
            sockets,
            int.Parse(status["Threads"], CultureInfo.InvariantCulture),
            1024 * long.Parse(status["VmRSS"].Split(' ')[0], CultureInfo.InvariantCulture),
            table.Count(socket => socket.IsListening),
            table.Count(socket => socket.IsOpen));
    }
}
