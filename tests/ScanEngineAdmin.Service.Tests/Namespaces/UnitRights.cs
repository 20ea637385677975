using System.Diagnostics;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Service.Tests.Namespaces;

/// <summary>
/// The programs with the rights that their units give them: a node with those of a user of its own, an applier as root
/// with the unit's capabilities only and a program that nobody else may read.
/// </summary>
internal sealed class UnitRights
{
    private const string User = "54321";

    // As in docs/operations.md.
    private const string Capabilities = "-all,+net_admin,+sys_admin,+net_raw,+dac_override,+chown,+fowner,+setuid,+setgid";

    public UnitRights(TemporaryFolder folder)
    {
        // Whoever runs in it has to get there.
        Run("chmod", "711", folder.Path);
        string[] programs = [folder.Below("program"), folder.Below("roots-program")];
        foreach (string program in programs)
        {
            Run("cp", "-r", AppContext.BaseDirectory, program);
        }

        Run("chmod", "-R", "a+rX", programs[0]);
        Run("chmod", "700", programs[1]);
        Node = [
            "setpriv", $"--reuid={User}", $"--regid={User}", "--clear-groups", "--inh-caps=-all", "env", "HOME=/",
            HostProcess.Dotnet, Path.Combine(programs[0], "scanengineadmin.dll")];
        Applier = [
            "setpriv", $"--bounding-set={Capabilities}", "--inh-caps=-all", "--no-new-privs",
            HostProcess.Dotnet, Path.Combine(programs[1], "scanengineadmin.dll")];
    }

    /// <summary>What a node's command begins with.</summary>
    public IReadOnlyList<string> Node { get; }

    /// <summary>What an applier's command begins with.</summary>
    public IReadOnlyList<string> Applier { get; }

    /// <summary>Makes folders the node's.</summary>
    public static void Give(params string[] folders) => Run("chown", ["-R", $"{User}:{User}", .. folders]);

    private static void Run(string tool, params string[] arguments)
    {
        using Process process = Process.Start(tool, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
