using ScanEngineAdmin.Domain.Files;

namespace ScanEngineAdmin.Core.Services;

/// <summary>The program that a service starts, and whether anybody but root could put another in its place.</summary>
internal static class ServiceProgram
{
    private static readonly string[] Usual = OperatingSystem.IsWindows()
        ? [Path.Combine(ProgramFiles, "ScanEngineAdmin", "scanengineadmin.exe")]
        : ["/usr/lib/scanengineadmin/scanengineadmin", "/opt/scanengineadmin/scanengineadmin", "/usr/bin/scanengineadmin",
            "/usr/local/bin/scanengineadmin"];

    private static readonly EnumerationOptions Everything = new()
    {
        RecurseSubdirectories = true,
        AttributesToSkip = FileAttributes.None,
        IgnoreInaccessible = false,
        MaxRecursionDepth = 16,
    };

    private static string ProgramFiles => Environment.GetFolderPath(Environment.SpecialFolder.ProgramFiles);

    /// <summary>What was named, else the usual place that has one, else the first: for a text about another host.</summary>
    public static string Find(string? named) => named is not null
        ? Path.GetFullPath(named) : Array.Find(Usual, File.Exists) ?? Usual[0];

    /// <returns>The path without links, which is what a unit names.</returns>
    /// <exception cref="Domain.Faults.ScanEngineException">ServiceProgramNotUsable.</exception>
    public static string Check(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            // There the system itself sees to it that only administrators can write.
            return !File.Exists(path) ? throw ServiceFaults.Program(path, "it is not there")
                : !path.StartsWith(ProgramFiles + '\\', StringComparison.OrdinalIgnoreCase)
                    ? throw ServiceFaults.Program(path, $"it does not lie below {ProgramFiles}")
                : path;
        }

        string target;
        try
        {
            target = new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? path;
            if (!File.Exists(target))
            {
                throw ServiceFaults.Program(path, "it is not there");
            }

            string? why = FileOwner.WhyReplaceable(path) ?? FileOwner.WhyNotOurs(target)
                ?? FileOwner.WhyReplaceable(target);
            if (why is not null)
            {
                throw ServiceFaults.Program(path, $"somebody else could change it ({why})");
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ServiceFaults.Program(path, e.Message);
        }

        return WhyLoadsOthers(target) is { } open
            ? throw ServiceFaults.Program(path, $"somebody else could change what it loads ({open})")
            : !IsPlain(target) ? throw ServiceFaults.Program(path, "its path has characters that a unit would read otherwise")
            : (File.GetUnixFileMode(target) & UnixFileMode.UserExecute) == 0
                ? throw ServiceFaults.Program(path, "it may not be executed")
            : target;
    }

    /// <summary>
    /// Why another user may change what lies beside a program, which loads it; null if none may. A folder of programs
    /// holds one whose parts are all in its own file.
    /// </summary>
    private static string? WhyLoadsOthers(string program)
    {
        string folder = Path.GetDirectoryName(program)!;
        try
        {
            IEnumerable<string> beside = folder is "/usr/bin" or "/usr/local/bin" ? [folder]
                : Directory.EnumerateFileSystemEntries(folder, "*", Everything).Prepend(folder);
            return beside.Select(static entry => FileOwner.WhyNotOurs(entry) is { } why ? $"{entry}: {why}" : null)
                .FirstOrDefault(static why => why is not null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }

    /// <summary>Whether a path can stand in a unit as it is.</summary>
    public static bool IsPlain(string path) =>
        path.All(static c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '_' or '-');
}
