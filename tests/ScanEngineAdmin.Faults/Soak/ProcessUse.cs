using System.Globalization;
using ScanEngineAdmin.Faults.Lab;

namespace ScanEngineAdmin.Faults.Soak;

/// <summary>What a process holds of its machine, as the kernel counts it.</summary>
internal sealed record ProcessUse(int Files, int Sockets, int Threads, long Memory, int Listening, int Connected)
{
    // What a pool keeps, or a collection has not been needed for, is no leak; one per reconnect is far more than this.
    private const int MoreFiles = 12;
    private const int MoreSockets = 4;
    private const int MoreThreads = 16;
    private const long MoreMemory = 64L << 20;

    public static ProcessUse Of(int processId)
    {
        string root = string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}");
        int files = 0;
        int sockets = 0;
        foreach (string handle in Directory.EnumerateFiles(root + "/fd"))
        {
            files++;
            try
            {
                sockets += File.ResolveLinkTarget(handle, false)?.Name.StartsWith("socket:", StringComparison.Ordinal) is true
                    ? 1
                    : 0;
            }
            catch (IOException)
            {
                files--;
            }
        }

        Dictionary<string, string> status = File.ReadLines(root + "/status").Select(line => line.Split(':', 2))
            .ToDictionary(words => words[0], words => words[1].Trim());
        IReadOnlyList<TcpTable> table = TcpTable.Of(processId);
        return new ProcessUse(
            files,
            sockets,
            int.Parse(status["Threads"], CultureInfo.InvariantCulture),
            1024 * long.Parse(status["VmRSS"].Split(' ')[0], CultureInfo.InvariantCulture),
            table.Count(socket => socket.IsListening),
            table.Count(socket => socket.IsOpen));
    }

    /// <summary>What is more than a process that leaks nothing holds, in words.</summary>
    public IEnumerable<string> Beyond(ProcessUse baseline)
    {
        (string Name, long Now, long Most)[] uses =
        [
            ("open files", Files, baseline.Files + MoreFiles),
            ("sockets", Sockets, baseline.Sockets + MoreSockets),
            ("threads", Threads, baseline.Threads + MoreThreads),
            ("bytes of memory", Memory, baseline.Memory + MoreMemory),
        ];
        return uses.Where(use => use.Now > use.Most)
            .Select(use => string.Create(CultureInfo.InvariantCulture, $"{use.Now} {use.Name}, at most {use.Most}"));
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"files {Files,3}, sockets {Sockets,2} ({Listening} listening, {Connected} connected), threads {Threads,2}, "
        + $"memory {Memory >> 20,3} MB");
}
