using System.Diagnostics;
using System.Globalization;
using System.Text;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Storage;

namespace ScanEngineAdmin.Faults.Local;

/// <summary>
/// The folder of an attacker with a console and an engine in it, files of root's that he wants, and what may never
/// happen to them.
/// </summary>
internal sealed class LocalStage : IDisposable
{
    public const uint Attacker = 54321;
    private const string AttackerText = "54321";

    private readonly string _top = Directory.CreateTempSubdirectory("sea-local-").FullName;
    private readonly List<string> _mounts = [];
    private string _before = string.Empty;

    public LocalStage()
    {
        Must("chmod", "711", _top);
        Victims = Path.Combine(_top, "victims");
        State = Path.Combine(_top, "state");
        Data = Path.Combine(_top, "data");
        foreach (string roots in new[] { Victims, State })
        {
            Directory.CreateDirectory(roots);
            Must("chmod", "700", roots);
        }

        File.WriteAllText(Victim, "root:x:0:0\n");
        Directory.CreateDirectory(Path.Combine(Victims, "console"));
        File.WriteAllText(Path.Combine(Victims, "console", "store.db"), "root's own");
        Must("chmod", "-R", "go-rwx", Victims);
        Directory.CreateDirectory(Data);
        Must("chown", AttackerText, Data);
        Must("chmod", "755", Data);
    }

    /// <summary>The attacker's data folder.</summary>
    public string Data { get; }

    public string Console => Path.Combine(Data, "console");

    public string Engine => Path.Combine(Data, "engine");

    /// <summary>Where the attacker has root put and look for files that root names.</summary>
    public string OutputFolder => Path.Combine(Data, "output");

    /// <summary>A folder that only root may enter.</summary>
    public string Victims { get; }

    /// <summary>A file in it.</summary>
    public string Victim => Path.Combine(Victims, "victim");

    /// <summary>What must not come into being in it.</summary>
    public string Created => Path.Combine(Victims, "created");

    /// <summary>The applier's own folder.</summary>
    public string State { get; }

    /// <summary>The data of a console and an engine that have run there, all of it the attacker's.</summary>
    public void Fill()
    {
        var stores = new SqliteStoreProvider();
        var folder = DataFolder.Resolve(Data);
        using (ConsoleAdmin console = ConsoleAdmin.Open(folder, stores))
        {
            console.CreateSecret(TimeSpan.FromHours(1), null, singleUse: true);
        }

        using (EngineAdmin engine = EngineAdmin.Open(folder, stores))
        {
            engine.CreateSecret(TimeSpan.FromHours(1), null, singleUse: true);
        }

        Directory.CreateDirectory(OutputFolder);
        FolderLock.Provide(Console, "applier.lock");
        Must("chown", "-R", AttackerText, Data);
    }

    /// <summary>Replaces a file of the console's and the engine's by a link to one of root's.</summary>
    public void Link(string name, string target)
    {
        foreach (string folder in new[] { Console, Engine })
        {
            string path = Path.Combine(folder, name);
            File.Delete(path);
            File.CreateSymbolicLink(path, target);
        }

        Give();
    }

    /// <summary>Replaces it by what a tool makes: a pipe, a device.</summary>
    public void Make(string name, params string[] tool)
    {
        foreach (string folder in new[] { Console, Engine })
        {
            string path = Path.Combine(folder, name);
            File.Delete(path);
            Must(tool[0], [.. tool[1..].Select(part => part == "{}" ? path : part)]);
        }

        Give();
    }

    public void Write(string name, string text)
    {
        foreach (string folder in new[] { Console, Engine })
        {
            File.Delete(Path.Combine(folder, name));
            File.WriteAllText(Path.Combine(folder, name), text);
        }

        Give();
    }

    /// <summary>As somebody did who meant well; a user can do as much in a name space of his own.</summary>
    public void Mount(string what, params string[] places)
    {
        foreach (string place in places)
        {
            Must("mount", "--bind", what, place);
            _mounts.Add(place);
        }
    }

    /// <summary>All of it becomes the attacker's, links too.</summary>
    public void Give() => Must("chown", "-hR", AttackerText, Data);

    /// <summary>From here on nothing of root's may change.</summary>
    public void Begin() => _before = Look();

    /// <summary>What may never happen and did; null for nothing.</summary>
    public string? Damage()
    {
        if (Look() is var after && after != _before)
        {
            return $"root's files were {_before.ReplaceLineEndings(" ")} and are {after.ReplaceLineEndings(" ")}";
        }

        // What is mounted there is root's by right.
        Unmount();
        string left = Output(
            "find", Data, "-xdev", "(", "-type", "f", "-links", "1", "-o", "-type", "d", ")", "-user", "root");
        return left.Length == 0 ? null : $"root left in the attacker's folder: {left.ReplaceLineEndings(" ")}";
    }

    /// <summary>The attacker's process, which repeats a line of shell for a bounded time.</summary>
    public Process Race(string line)
    {
        var start = new ProcessStartInfo("timeout")
        {
            ArgumentList =
            {
                "10", "setpriv", "--reuid", AttackerText, "--regid", AttackerText, "--clear-groups", "sh", "-c",
                $"cd {Data} && while :; do {line}; done 2>/dev/null",
            },
            RedirectStandardError = true,
        };
        return Process.Start(start) ?? throw new InvalidOperationException("The attacker did not start.");
    }

    public static void Must(string program, params string[] arguments)
    {
        using Process done = Process.Start(program, arguments);
        done.WaitForExit();
        if (done.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {done.ExitCode}");
        }
    }

    public void Dispose()
    {
        Unmount();
        Must("rm", "-rf", "--one-file-system", _top);
    }

    private void Unmount()
    {
        _mounts.ForEach(static place => Must("umount", "-l", place));
        _mounts.Clear();
    }

    private static string Output(string program, params string[] arguments)
    {
        using Process run = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        string text = run.StandardOutput.ReadToEnd();
        run.WaitForExit();
        return text.Trim();
    }

    private string Look()
    {
        var text = new StringBuilder();
        foreach (string path in Directory.GetFileSystemEntries(Victims, "*", SearchOption.AllDirectories).Order())
        {
            FileFacts facts = FileFacts.Of(path)!.Value;
            string content = facts.IsRegular ? File.ReadAllText(path).Trim() : string.Empty;
            text.AppendLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{Path.GetRelativePath(Victims, path)} {facts.User} {facts.Mode:x} {facts.Inode} '{content}';"));
        }

        return text.ToString();
    }
}
