namespace ScanEngineAdmin.Faults.Disk;

/// <summary>One disk, one node on it, one way to fill it; the node runs or is stopped when its admin comes.</summary>
internal sealed record DiskCase(bool AtConsole, int Megabytes, Filler Filler, bool Running)
{
    public static IReadOnlyList<DiskCase> All { get; } =
    [
        .. from size in (int[])[12, 60, 200]
           from filler in Enum.GetValues<Filler>()
           from running in (bool[])[true, false]
           select new DiskCase(true, size, filler, running),
        .. from size in (int[])[12, 60, 200]
           from filler in (Filler[])[Filler.Findings, Filler.Log, Filler.AnotherProgram]
           from running in (bool[])[true, false]
           select new DiskCase(false, size, filler, running),
    ];

    public string Name =>
        $"{(AtConsole ? "console" : "engine")}, {Megabytes} MB, {Filler}, {(Running ? "running" : "stopped")}";
}
