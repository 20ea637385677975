namespace ScanEngineAdmin.Domain.Files;

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
    private static readonly string[] Stays = ["lock", "node.lock", "applier.lock", Lock, "doorbell", Plan];

    /// <summary>The files that an import would replace.</summary>
    public static IReadOnlyList<string> Replaced(string folder, bool identityToo) => Directory.Exists(folder)
        ? [.. Directory.GetFiles(folder).Select(path => Path.GetFileName(path)!)
            .Where(name => SwapPlan.IsBare(name) && !IsOfTheFolder(name)
                && (identityToo || !NodeFileNames.IsIdentity(name)) && IsMovable(Path.Combine(folder, name)))
            .Order(StringComparer.Ordinal)]
        : [];

    /// <summary>Whether a name belongs to the folder and not to the console that lives in it.</summary>
    public static bool IsOfTheFolder(string name) => Stays.Contains(name);

    /// <summary>Decides and does it; the caller holds both locks of the folder. Once decided it will be done.</summary>
    public static void Run(string folder, string from, string? keep, IReadOnlyList<string> old, Action<string> step)
    {
        var decided = new SwapPlan(
            Path.GetFileName(from),
            keep is null ? string.Empty : Path.GetFileName(keep),
            old,
            [.. Replaced(from, identityToo: true).Where(SwapPlan.IsExpected)]);
        RequireFree(folder, old);
        string plan = Path.Combine(folder, Plan);
        using (FileStream file = TransferFolder.CreateOwn(Path.Combine(from, Plan)))
        {
            file.Write(decided.Write());
            file.Flush(flushToDisk: true);
        }

        // What needs room of its own, before it is decided: all that is left are names.
        MakeKeep(folder, decided);
        step("written");
        try
        {
            OwnFile.Move(Path.Combine(from, Plan), plan, overwrite: false);
        }
        catch when (keep is not null)
        {
            Directory.Delete(keep);
            throw;
        }

        step("decided");
        try
        {
            Do(folder, step);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ExportFaults.Unfinished(folder, e);
        }
    }

    /// <summary>Whether an import was decided there that is not done.</summary>
    public static bool IsDecided(string folder) => FileFacts.Of(Path.Combine(folder, Plan)) is not null;

    /// <summary>Finishes what a killed import decided. Cheap when there is nothing, which is nearly always.</summary>
    public static void Finish(string folder)
    {
        try
        {
            if (!IsDecided(folder))
            {
                return;
            }

            using FolderLock taken = FolderLock.Take(folder, Lock) ?? throw ExportFaults.Busy(folder);
            OwnerRights.In(folder, () => FinishHeld(folder));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ExportFaults.Unfinished(folder, e);
        }
    }

    /// <summary>As <see cref="Finish"/>, for who holds the lock.</summary>
    internal static void FinishHeld(string folder) => Do(folder, _ => { });

    private static void Do(string folder, Action<string> step)
    {
        string path = Path.Combine(folder, Plan);
        if (FileFacts.Of(path) is null)
        {
            return;
        }

        SwapPlan plan = SwapPlan.Read(path);
        string from = Path.Combine(folder, plan.From);
        string keep = Path.Combine(folder, plan.Keep);
        SwapPlan.IsThere(from, asFolder: true);
        MakeKeep(folder, plan);
        foreach (string name in plan.Old)
        {
            // One that is kept already was moved before the kill; what stands in its place may be the new one.
            if (!SwapPlan.IsThere(Path.Combine(keep, name), asFolder: false))
            {
                Move(Path.Combine(folder, name), Path.Combine(keep, name));
                step($"kept {name}");
            }
        }

        foreach (string name in plan.New)
        {
            Move(Path.Combine(from, name), Path.Combine(folder, name));
            step($"placed {name}");
        }

        OwnFile.Delete(path);
        step("done");
    }

    private static void MakeKeep(string folder, SwapPlan plan)
    {
        string keep = Path.Combine(folder, plan.Keep);
        if (plan.Old.Count > 0 && !SwapPlan.IsThere(keep, asFolder: true))
        {
            TransferFolder.MakeOwn(keep);
        }
    }

    // Windows moves no file that somebody has open: once decided the folder would be of no use until he closes it.
    private static void RequireFree(string folder, IReadOnlyList<string> old)
    {
        foreach (string name in OperatingSystem.IsWindows() ? old : [])
        {
            try
            {
                using var alone = new FileStream(
                    Path.Combine(folder, name), FileMode.Open, FileAccess.Read, FileShare.None);
            }
            catch (IOException e) when (e is not FileNotFoundException)
            {
                throw ExportFaults.Open(folder, name, e);
            }
        }
    }

    // What is neither the console's nor a regular file stays where somebody else has put it.
    private static bool IsMovable(string path) => SwapPlan.IsExpected(Path.GetFileName(path))
        ? SwapPlan.IsThere(path, asFolder: false)
        : FileFacts.Of(path) is { IsRegular: true };

    private static void Move(string from, string to)
    {
        if (SwapPlan.IsThere(from, asFolder: false))
        {
            OwnFile.Move(from, to, overwrite: true);
        }
    }
}
