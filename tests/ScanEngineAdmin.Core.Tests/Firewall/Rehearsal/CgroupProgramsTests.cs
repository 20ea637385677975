using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using ScanEngineAdmin.Faults.Rulesets;
using ScanEngineAdmin.Firewall.Rehearsal;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Firewall.Rehearsal;

/// <summary>A program of the node's cgroup, as systemd makes one for IPAddressDeny, is noticed and said.</summary>
public sealed class CgroupProgramsTests
{
    private const int Load = 5;
    private const int Attach = 8;

    [Fact, NeedsNamespace("nsenter", "timeout", "cat")]
    public async Task What_a_cgroups_program_might_deny_is_said()
    {
        string? mounted = File.ReadLines("/proc/mounts").Select(static l => l.Split(' '))
            .FirstOrDefault(static w => w[2] == "cgroup2")?[1];
        Assert.SkipWhen(mounted is null || RuntimeInformation.ProcessArchitecture != Architecture.X64, "no cgroup2");
        string group = Path.Combine(mounted!, $"sea-{Environment.ProcessId}-programs");
        int program = Bpf(Load, LoadProgram());
        Assert.SkipWhen(program < 0, "no BPF program may be loaded here");
        try
        {
            Directory.CreateDirectory(group);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Assert.Skip(e.Message);
        }

        var start = new ProcessStartInfo("cat") { RedirectStandardInput = true };
        using Process node = Process.Start(start)!;
        try
        {
            await File.WriteAllTextAsync(
                Path.Combine(group, "cgroup.procs"), node.Id.ToString(CultureInfo.InvariantCulture));
            Assert.False(CgroupPrograms.AreThere(node.Id));

            using (var folder = new FolderHandle(group))
            {
                byte[] attach = new byte[64];
                BitConverter.TryWriteBytes(attach, folder.Descriptor);
                BitConverter.TryWriteBytes(attach.AsSpan(4), program);
                Assert.Equal(0, Bpf(Attach, attach));
            }

            Assert.True(CgroupPrograms.AreThere(node.Id));
            using var host = new RulesetHost();
            await using FilterRehearsal rehearsal = await FilterRehearsal.OpenAsync(
                host.RunAsync, [RulesetHost.Peers[0]], new SocketUser(0, 0) { Process = node.Id },
                CancellationToken.None);
            RehearsalAnswer answer = await rehearsal.AskInAsync(RulesetHost.Peers[0], 40814, CancellationToken.None);

            Assert.Equal(RehearsalVerdict.Open, answer.Verdict);
            Assert.Contains("As far as the packet filter goes", answer.Reason, StringComparison.Ordinal);
            Assert.Contains("BPF", answer.Reason, StringComparison.Ordinal);
        }
        finally
        {
            node.StandardInput.Close();
            await node.WaitForExitAsync();
            Directory.Delete(group);
        }
    }

    // r0 = 1; exit: every packet passes.
    private static byte[] LoadProgram()
    {
        nint code = Marshal.AllocHGlobal(16);
        Marshal.Copy(new byte[] { 0xb7, 0, 0, 0, 1, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0 }, 0, code, 16);
        byte[] load = new byte[128];
        BitConverter.TryWriteBytes(load, 8);
        BitConverter.TryWriteBytes(load.AsSpan(4), 2);
        BitConverter.TryWriteBytes(load.AsSpan(8), code.ToInt64());
        BitConverter.TryWriteBytes(load.AsSpan(16), Marshal.StringToHGlobalAnsi("GPL").ToInt64());
        return load;
    }

    private static int Bpf(nint command, byte[] argument) => (int)Call(321, command, argument, argument.Length);

#pragma warning disable SYSLIB1054 // Generated code would need unsafe blocks.
    [DllImport("libc", EntryPoint = "syscall")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint Call(nint number, nint command, byte[] argument, nint length);

    [DllImport("libc", EntryPoint = "open", CharSet = CharSet.Ansi)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Open(string path, int flags);

    [DllImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Close(int descriptor);
#pragma warning restore SYSLIB1054

    private sealed class FolderHandle(string path) : IDisposable
    {
        public int Descriptor { get; } = Open(path, 0x80000);

        public void Dispose() => _ = Close(Descriptor);
    }
}
