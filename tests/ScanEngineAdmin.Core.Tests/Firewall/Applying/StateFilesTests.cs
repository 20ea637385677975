using System.Diagnostics;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Firewall.Trials;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Firewall.Applying;

/// <summary>Whoever may write the applier's folder says what root runs: nobody else may.</summary>
public sealed class StateFilesTests : IDisposable
{
    private const string Another = "54321";
    private readonly string _folder = Directory.CreateTempSubdirectory("sea-state-").FullName;

    private string State => Path.Combine(_folder, "state");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact, NeedsRoot]
    public void A_folder_of_roots_own_is_taken_with_what_is_in_it()
    {
        StateFiles.EnsureFolder(State);
        StateFiles.Write(Path.Combine(State, "one.undo"), "true");
        Directory.CreateSymbolicLink(Path.Combine(_folder, "link"), _folder);

        StateFiles.EnsureFolder(State);
        StateFiles.EnsureFolder(Path.Combine(_folder, "link", "state"));
    }

    [Fact, NeedsRoot]
    public void A_folder_of_another_user_is_refused()
    {
        StateFiles.EnsureFolder(State);
        Run("chown", Another, State);

        Refused("belongs to user " + Another, State);
    }

    [Fact, NeedsRoot]
    public void A_folder_in_one_of_another_users_is_refused()
    {
        StateFiles.EnsureFolder(State);
        Run("chown", Another, _folder);

        Refused("belongs to user " + Another, _folder);
    }

    [Fact, NeedsRoot]
    public void A_folder_in_one_that_others_may_write_is_refused()
    {
        StateFiles.EnsureFolder(State);
        Run("chmod", "777", _folder);

        Refused("may be written by others", _folder);
    }

    [Fact, NeedsRoot]
    public void A_file_of_another_user_in_it_is_refused()
    {
        StateFiles.EnsureFolder(State);
        string file = Path.Combine(State, "one.undo");
        StateFiles.Write(file, "true");
        Run("chown", Another, file);

        Refused("belongs to user " + Another, file);
    }

    [Fact, NeedsRoot]
    public void A_file_that_others_may_write_and_a_link_in_it_are_refused()
    {
        StateFiles.EnsureFolder(State);
        string file = Path.Combine(State, "one.undo");
        StateFiles.Write(file, "true");
        Run("chmod", "666", file);
        Refused("others may write it", file);
        File.Delete(file);
        File.CreateSymbolicLink(file, "/dev/null");

        Refused("leads elsewhere", file);
    }

    private void Refused(string why, string what)
    {
        ScanEngineException error = Assert.Throws<ScanEngineException>(() => StateFiles.EnsureFolder(State));

        Assert.Equal(FaultCode.FirewallAccessDenied, error.Code);
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
        Assert.Contains(what, error.Message, StringComparison.Ordinal);
        Assert.Contains("--state", error.Recommendation, StringComparison.Ordinal);
    }

    private static void Run(string tool, params string[] arguments)
    {
        using Process process = Process.Start(tool, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
