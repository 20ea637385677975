using System.Text;
using ScanEngineAdmin.Core.Nodes;

namespace ScanEngineAdmin.Core.Backup;

/// <summary>
/// Puts the files of one folder in the place of those of another, all or none, whenever the process is killed: what is
/// to be done is written down first, under a name that appears at once, and whoever opens the folder next finishes it.
/// </summary>
internal static class FolderSwap
{
    /// <summary>Held by whoever exports, imports, or finishes an import.</summary>
    public const string Lock = "transfer.lock";

    private const string Plan = "import.commit";

    // What belongs to the folder and not to the console that lives in it.
    private static readonly string[] Stays = ["lock", "node.lock", Lock, "doorbell", Plan];

    /// <summary>The files that an import would replace.</summary>
    public static IReadOnlyList<string> Replaced(string folder, bool identityToo) => Directory.Exists(folder)
        ? [.. Directory.GetFiles(folder).Select(path => Path.GetFileName(path)!)
            .Where(name => !Stays.Contains(name) && (identityToo || !IdentityFile.IsPart(name)))
            .Order(StringComparer.Ordinal)]
        : [];

    /// <summary>Decides and does it; the caller holds both locks of the folder. Once decided it will be done.</summary>
    public static void Run(string folder, string from, string? keep, IReadOnlyList<string> old, Action<string> step)
    {
        string[] lines =
        [
            Path.GetFileName(from),
            keep is null ? string.Empty : Path.GetFileName(keep),
            .. old.Select(name => $"-{name}"),
            .. Replaced(from, identityToo: true).Select(name => $"+{name}"),
        ];
        string plan = Path.Combine(folder, Plan);
        using (FileStream file = TransferFolder.CreateOwn(Path.Combine(from, Plan)))
        {
            file.Write(Encoding.UTF8.GetBytes(string.Join('\n', lines)));
            file.Flush(flushToDisk: true);
        }

        step("written");
        File.Move(Path.Combine(from, Plan), plan, overwrite: false);
        step("decided");
        Do(folder, step);
    }

    /// <summary>Finishes what a killed import decided. Cheap when there is nothing, which is nearly always.</summary>
    public static void Finish(string folder)
    {
        try
        {
            if (!File.Exists(Path.Combine(folder, Plan)))
            {
                return;
            }

            using FolderLock taken = FolderLock.Take(folder, Lock) ?? throw ExportFaults.Busy(folder);
            FinishHeld(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ExportFaults.Disk(folder, e);
        }
    }

    /// <summary>As <see cref="Finish"/>, for who holds the lock.</summary>
    internal static void FinishHeld(string folder) => Do(folder, _ => { });

    private static void Do(string folder, Action<string> step)
    {
        string plan = Path.Combine(folder, Plan);
        if (!File.Exists(plan))
        {
            return;
        }

        string[] lines = File.ReadAllLines(plan);
        string from = Path.Combine(folder, lines[0]);
        string keep = Path.Combine(folder, lines[1].Length > 0 ? lines[1] : lines[0]);
        TransferFolder.MakeOwn(keep);
        foreach (string name in Names(lines, '-'))
        {
            // One that is kept already was moved before the kill; what stands in its place may be the new one.
            if (!File.Exists(Path.Combine(keep, name)))
            {
                Move(Path.Combine(folder, name), Path.Combine(keep, name));
                step($"kept {name}");
            }
        }

        foreach (string name in Names(lines, '+'))
        {
            Move(Path.Combine(from, name), Path.Combine(folder, name));
            step($"placed {name}");
        }

        File.Delete(plan);
        step("done");
    }

    private static IEnumerable<string> Names(string[] lines, char mark) =>
        lines.Skip(2).Where(line => line[0] == mark).Select(line => line[1..]);

    private static void Move(string from, string to)
    {
        if (File.Exists(from))
        {
            File.Move(from, to, overwrite: true);
        }
    }
}
