using System.Globalization;
using System.Runtime.InteropServices;

namespace ScanEngineAdmin.Service.Tests;

/// <summary>What only the system says of processes that are not ours to wait for.</summary>
internal static partial class Processes
{
    public const int Interrupt = 2;
    public const int Terminate = 15;
    public const int Continue = 18;
    public const int Stop = 19;

    /// <summary>
    /// Programs started from here heed the signal, though these tests were started by what ignores it (nohup, a job in
    /// the background of a shell): a program inherits what is ignored.
    /// </summary>
    public static void Heed(int signal)
    {
        const string ignored = "SigIgn:";
        if (OperatingSystem.IsLinux()
            && File.ReadLines("/proc/self/status").First(line => line.StartsWith(ignored, StringComparison.Ordinal)) is { } all
            && (ulong.Parse(all.AsSpan(ignored.Length).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture)
                >> (signal - 1) & 1) == 1)
        {
            _ = SetAction(signal, 0);
        }
    }

    public static void Signal(int processId, int signal) => Assert.Equal(0, Kill(processId, signal));

    /// <summary>Ended, or ended and not yet fetched by whoever inherited it.</summary>
    public static bool HasEnded(int processId)
    {
        try
        {
            string status = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/stat"));
            return status[status.LastIndexOf(')') + 2] is 'Z' or 'X';
        }
        catch (IOException)
        {
            return true;
        }
    }

    /// <summary>Whether a process of that program runs that has such a text among its arguments.</summary>
    public static bool Running(string program, string argument) => Directory.EnumerateDirectories("/proc").Any(folder =>
    {
        try
        {
            string line = File.ReadAllText(Path.Combine(folder, "cmdline"));
            return line.StartsWith(program + '\0', StringComparison.Ordinal)
                && line.Contains(argument, StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    });

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int Kill(int processId, int signal);

    // 0 is the default action.
    [DllImport("libc", EntryPoint = "signal")]
    private static extern nint SetAction(int signal, nint action);
}
