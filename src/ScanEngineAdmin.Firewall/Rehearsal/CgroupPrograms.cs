using System.Globalization;
using System.Runtime.InteropServices;

namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>
/// The BPF programs of a process' cgroup that look at its packets and sockets, as systemd has them for IPAddressDeny:
/// no copy of a filter has them.
/// </summary>
internal static class CgroupPrograms
{
    private const nint Query = 16;
    private const uint Effective = 1;

    // Packets in and out; sockets made, bound and connected, of both families.
    private static readonly uint[] Kinds = [0, 1, 2, 8, 9, 10, 11];

    /// <summary>False also where that cannot be found out.</summary>
    public static bool AreThere(int process)
    {
        nint call = RuntimeInformation.ProcessArchitecture switch
        {
            Architecture.X64 => 321,
            Architecture.Arm64 => 280,
            _ => 0,
        };
        if (call == 0 || Folder(process) is not { } folder)
        {
            return false;
        }

        nint path = Marshal.StringToHGlobalAnsi(folder);
        int group = LinuxCalls.Open(path, LinuxCalls.CloseOnExec);
        Marshal.FreeHGlobal(path);
        if (group < 0)
        {
            return false;
        }

        try
        {
            return Array.Exists(Kinds, kind => Count(call, group, kind) > 0);
        }
        finally
        {
            _ = LinuxCalls.Close(group);
        }
    }

    private static uint Count(nint call, int group, uint kind)
    {
        byte[] question = new byte[64];
        BitConverter.TryWriteBytes(question, group);
        BitConverter.TryWriteBytes(question.AsSpan(4), kind);
        BitConverter.TryWriteBytes(question.AsSpan(8), Effective);
        return LinuxCalls.Call(call, Query, question, question.Length) == 0 ? BitConverter.ToUInt32(question, 24) : 0;
    }

    private static string? Folder(int process)
    {
        try
        {
            string? mounted = File.ReadLines("/proc/self/mounts").Select(static l => l.Split(' '))
                .FirstOrDefault(static words => words is [_, _, "cgroup2", ..])?[1];
            string? group = File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/cgroup"))
                .FirstOrDefault(static l => l.StartsWith("0::", StringComparison.Ordinal))?[3..];
            return mounted is null || group is null ? null : mounted + group;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
