using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Scanning.Targets;

namespace ScanEngineAdmin.Scanning.Nmap;

/// <summary>
/// nmap as it is installed on this host: by a fixed path, and only where no other user could put another program in its
/// place. The search path of the process is not looked at.
/// </summary>
/// <param name="Path">The program.</param>
internal sealed record NmapProgram(string Path)
{
    private const string UsualData = "/usr/share/nmap";

    private static readonly string[] Loaded = ["scripts", "nselib", "nse_main.lua", "nmap-service-probes"];

    private static readonly EnumerationOptions Everything = new()
    {
        RecurseSubdirectories = true,
        AttributesToSkip = FileAttributes.None,
        IgnoreInaccessible = false,
    };

    /// <summary>Its probes and scripts; null to leave the search for them to nmap.</summary>
    public string? DataFolder { get; init; }

    /// <summary>The setpriv that has the kernel kill nmap with this process; null for none.</summary>
    public string? Setpriv { get; init; }

    /// <exception cref="ScanEngineException">ScanRefused: it is not there, or others could replace it.</exception>
    public static NmapProgram Find() => Find(Known());

    /// <summary>What the policy lets be used.</summary>
    /// <exception cref="ScanEngineException">ScanRefused.</exception>
    public static NmapProgram Require(TargetPolicy policy, Func<NmapProgram> find) => policy.AllowNmap
        ? find()
        : throw Refused(
            $"The scan policy of the engine on {Environment.MachineName} does not allow scans with nmap.",
            "Set-EngineScanPolicy -AllowNmap $true on that host allows them; -Scanner Connect scans without nmap.");

    internal static NmapProgram Find(IReadOnlyList<string> paths)
    {
        if (paths.FirstOrDefault(File.Exists) is not { } path)
        {
            throw Refused(
                $"nmap is not installed on {Environment.MachineName}, the engine's host "
                    + $"(looked for: {string.Join(", ", paths)}).",
                "Install nmap there with the system's package manager, or scan with -Scanner Connect.");
        }

        string? data = DataOf(path);
        if ((WhyNot(path) ?? (data is null ? null : WhyLoadsOthers(data))) is { } why)
        {
            throw Refused(
                $"{path} on {Environment.MachineName}, the engine's host, is not started: {why}.",
                "Install nmap there from the system's packages, so that only root can write the program, its "
                    + "scripts and the folders above, or scan with -Scanner Connect.");
        }

        return new NmapProgram(path) { DataFolder = data, Setpriv = Nmap.Setpriv.Find() };
    }

    private static string[] Known() => OperatingSystem.IsWindows()
        ? [.. new[] { Environment.SpecialFolder.ProgramFilesX86, Environment.SpecialFolder.ProgramFiles }.Select(
            static folder => System.IO.Path.Combine(Environment.GetFolderPath(folder), "Nmap", "nmap.exe"))]
        : ["/usr/bin/nmap", "/usr/local/bin/nmap"];

    /// <summary>
    /// Why another user could put something else in the place of a file; null if none could. On Windows only
    /// administrators write below the folder of programs.
    /// </summary>
    internal static string? WhyNot(string path)
    {
        try
        {
            return OperatingSystem.IsWindows() ? null : FileOwner.WhyNotOurs(path) ?? FileOwner.WhyReplaceable(path);
        }
        catch (IOException e)
        {
            return e.Message;
        }
    }

    /// <summary>The folder that nmap itself would find: the one beside the program, else the usual one.</summary>
    private static string? DataOf(string program)
    {
        string folder = System.IO.Path.GetDirectoryName(program)!;
        string[] folders = OperatingSystem.IsWindows()
            ? [folder]
            : [System.IO.Path.GetFullPath("../share/nmap", folder), UsualData];
        return folders.FirstOrDefault(Directory.Exists);
    }

    /// <summary>Why another user may change what nmap runs or reads beside its own file; null if none may.</summary>
    private static string? WhyLoadsOthers(string data)
    {
        if (OperatingSystem.IsWindows())
        {
            return null;
        }

        string[] parts =
        [
            .. Loaded.Select(part => System.IO.Path.Combine(data, part)).Where(System.IO.Path.Exists),
        ];
        try
        {
            return parts.Prepend(data).Concat(parts.Where(Directory.Exists).SelectMany(
                    static folder => Directory.EnumerateFileSystemEntries(folder, "*", Everything)))
                .Select(static one => WhyNot(one) is { } why ? $"{one}, which it loads: {why}" : null)
                .FirstOrDefault(static why => why is not null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }

    private static ScanEngineException Refused(string message, string recommendation) =>
        new(FaultCode.ScanRefused, message, recommendation, "nmap");
}
