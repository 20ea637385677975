using System.ComponentModel;
using System.Diagnostics;

namespace ScanEngineAdmin.Scanning.Nmap;

/// <summary>setpriv of util-linux: has the kernel kill a program when the thread that started it ends.</summary>
internal static class Setpriv
{
    public const string UsualPath = "/usr/bin/setpriv";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);
    private static readonly Lazy<bool> Usual = new(static () => HasDeathSignal(UsualPath));

    /// <summary>Null where it is not installed, another user could replace it, or it is too old.</summary>
    public static string? Find() => OperatingSystem.IsLinux() && File.Exists(UsualPath)
        && NmapProgram.WhyNot(UsualPath) is null && Usual.Value ? UsualPath : null;

    public static IEnumerable<string> Arguments(string program, IEnumerable<string> arguments) =>
        ["--pdeathsig", "KILL", "--", program, .. arguments];

    /// <summary>Versions before 2.33 do not know the option, and some kernels forbid the call.</summary>
    internal static bool HasDeathSignal(string path)
    {
        var start = new ProcessStartInfo(path, Arguments(path, ["--version"]))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Clear();
        try
        {
            using Process process = Process.Start(start)!;
            if (process.WaitForExit(Limit))
            {
                return process.ExitCode == 0;
            }

            process.Kill();
            return false;
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException)
        {
            return false;
        }
    }
}
