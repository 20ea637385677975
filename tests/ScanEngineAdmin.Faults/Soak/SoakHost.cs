using System.Diagnostics;
using System.Globalization;
using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Faults.Lab;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Faults.Soak;

/// <summary>One host: a network of its own behind the router, and the shipped service in all its lives.</summary>
internal sealed class SoakHost : IAsyncDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);
    private static readonly string Service = Path.Combine(AppContext.BaseDirectory, "scanengineadmin.dll");

    private readonly object _gate = new();
    private readonly NodeRole _role;
    private readonly List<string> _deaths = [];
    private Process? _process;
    private bool _ending;
    private int _downs;

    public SoakHost(string name, NodeRole role, string root)
    {
        Name = name;
        _role = role;
        Folder = DataFolder.Resolve(Path.Combine(root, name));
        LogFile = Path.Combine(root, name + ".log");
        Space.Run("ip", "route", "add", "default", "via", Space.Outside.ToString());
    }

    public string Name { get; }

    public NetworkNamespace Space { get; } = NetworkNamespace.Create();

    public IPAddress Address => Space.Inside;

    public DataFolder Folder { get; }

    public string LogFile { get; }

    public string NodeFolder => _role == NodeRole.Console ? Folder.Console : Folder.Engine;

    /// <summary>How often its process was ended, one way or the other.</summary>
    public int Ends { get; private set; }

    /// <summary>How often its process ended though nobody had ended it, or otherwise than it must, in words.</summary>
    public IReadOnlyList<string> Deaths
    {
        get
        {
            lock (_gate)
            {
                return [.. _deaths];
            }
        }
    }

    public int ProcessId => _process?.Id ?? 0;

    /// <summary>Once for each time that it was ended: a goodbye may take until the next fault.</summary>
    public void Start()
    {
        lock (_gate)
        {
            _downs = Math.Max(0, _downs - 1);
            if (_downs > 0)
            {
                return;
            }
        }

        // "ip" and the shell become the program: what is killed is the service. Its log goes to a file, so that nobody
        // has to read along while it is stopped.
        string host = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet"
            ? Environment.ProcessPath!
            : Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        string role = _role == NodeRole.Console ? "console" : "engine";
        string[] advertise = _role == NodeRole.Console ? ["--advertise", $"{Address}"] : [];
        var start = new ProcessStartInfo("ip",
        [
            "netns", "exec", Space.Name, "sh", "-c", "exec \"$@\" >>\"$SOAK_LOG\" 2>&1", "sh",
            host, Service, role, "--data", Folder.Root, .. advertise, "--stop-with-stdin",
        ])
        {
            RedirectStandardInput = true,
        };
        start.Environment["SOAK_LOG"] = LogFile;
        start.Environment.Remove(DataFolder.EnvironmentVariable);

        // A runtime that is killed leaves its diagnostic pipes behind; many short lives never earn what is compiled
        // in the background.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        start.Environment["DOTNET_TieredPGO"] = "0";
        var process = new Process { StartInfo = start, EnableRaisingEvents = true };
        process.Exited += (_, _) => Ended(process);
        Note("started");
        lock (_gate)
        {
            _ending = false;
            _process = process;
        }

        process.Start();
    }

    /// <summary>Kill -9: it gets no chance to clean up.</summary>
    public async Task KillAsync()
    {
        Ends++;
        Note("killed");
        await EndAsync(process =>
        {
            process.Kill();
            return false;
        });
    }

    /// <summary>SIGTERM: it says goodbye, and says by its code that it could.</summary>
    public async Task TerminateAsync()
    {
        Ends++;
        Note("terminated");
        await EndAsync(process => Signals.Send(process.Id, Signals.Terminate));
    }

    public void Stop() => Signal(Signals.Stop, "stopped");

    public void Continue() => Signal(Signals.Continue, "continued");

    /// <summary>The last lines that its processes wrote.</summary>
    public IEnumerable<string> LogTail(int lines) =>
        File.Exists(LogFile) ? File.ReadLines(LogFile).TakeLast(lines) : [];

    public async ValueTask DisposeAsync()
    {
        await EndAsync(process =>
        {
            process.Kill();
            return false;
        });
        Space.Dispose();
    }

    private void Signal(int signal, string what)
    {
        Note(what);
        lock (_gate)
        {
            if (_process is { HasExited: false })
            {
                Signals.Send(_process.Id, signal);
            }
        }
    }

    private void Note(string what) =>
        File.AppendAllText(LogFile, $"-- {DateTime.UtcNow:HH:mm:ss.fff} {what}\n");

    /// <param name="end">Ends it; true when it may say goodbye.</param>
    private async Task EndAsync(Func<Process, bool> end)
    {
        Process? process;
        lock (_gate)
        {
            _downs++;
            (process, _process, _ending) = (_process, null, true);
        }

        if (process is null)
        {
            return;
        }

        using (process)
        {
            bool gently = end(process);
            try
            {
                await process.WaitForExitAsync().WaitAsync(Bound);
            }
            catch (TimeoutException)
            {
                process.Kill();
                Died($"did not end within {Bound.TotalSeconds} s of SIGTERM");
            }

            if (gently && process.HasExited && process.ExitCode != 0)
            {
                Died($"ended with code {process.ExitCode} after SIGTERM");
            }
        }
    }

    private void Died(FormattableString how)
    {
        lock (_gate)
        {
            _deaths.Add($"{Name}'s process {how.ToString(CultureInfo.InvariantCulture)} at {DateTime.UtcNow:HH:mm:ss}");
        }
    }

    private void Ended(Process process)
    {
        lock (_gate)
        {
            if (!_ending && process == _process)
            {
                Died($"ended by itself with code {process.ExitCode}");
            }
        }
    }
}
