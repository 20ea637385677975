using System.Diagnostics;
using System.Net;
using Newtonsoft.Json.Linq;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Service.Tests;

/// <summary>A program as a process of its own, perhaps in a namespace, with what it says line by line.</summary>
internal sealed class HostProcess : IAsyncDisposable
{
    // Longer than the two minutes to which the product's own back-off grows: on a busy machine a try may fail of
    // lateness alone, and the next one is due only then.
    public static readonly TimeSpan Bound = TimeSpan.FromMinutes(6);
    private static readonly string Service = Path.Combine(AppContext.BaseDirectory, "scanengineadmin.dll");

    private readonly Process _process;

    // It has ended when all that it said is heard as well.
    private readonly Task _ended;
    private readonly List<string> _output = [];
    private readonly List<string> _error = [];
    private TaskCompletionSource _said = new(TaskCreationOptions.RunContinuationsAsynchronously);

    static HostProcess()
    {
        Processes.Heed(Processes.Interrupt);
        Processes.Heed(Processes.Terminate);
    }

    private HostProcess(ProcessStartInfo start)
    {
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        start.Environment.Remove("SCANENGINEADMIN_DATA");

        // A runtime that is killed leaves its diagnostic pipes in the temporary folder.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Hear(_output, line.Data);
        _process.ErrorDataReceived += (_, line) => Hear(_error, line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        _ended = _process.WaitForExitAsync();
    }

    /// <summary>The runtime that runs the tests: it need not be on the path.</summary>
    public static string Dotnet { get; } = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH")
        ?? (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet"
            ? Environment.ProcessPath! : "dotnet");

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public string Output => Text(_output);

    public string Error => Text(_error);

    /// <summary>The service host, outside of any namespace.</summary>
    public static HostProcess Start(params string[] arguments) =>
        new(new ProcessStartInfo(Dotnet, [Service, .. arguments]));

    /// <summary>Another program of this build.</summary>
    public static HostProcess StartAssembly(string path, params string[] arguments) =>
        new(new ProcessStartInfo(Dotnet, [path, .. arguments]));

    /// <summary>The service host with a temporary folder of its own.</summary>
    public static HostProcess StartWithTemp(string temp, params string[] arguments) =>
        StartWith(new() { ["TMPDIR"] = temp }, [Dotnet, Service, .. arguments]);

    /// <summary>The service host as systemd starts a process of a unit.</summary>
    public static HostProcess StartAsUnit(Dictionary<string, string> environment, params string[] arguments) =>
        StartWith(environment, [Dotnet, Service, .. arguments]);

    public static HostProcess StartIn(string space, params string[] arguments) =>
        StartProgramIn(space, [Dotnet, Service, .. arguments]);

    /// <summary>Any program inside a namespace; <c>ip</c> becomes that program, so signals reach it.</summary>
    public static HostProcess StartProgramIn(string space, params string[] command)
    {
        string[] enter = NetworkNamespace.Enter(space);
        return new(new ProcessStartInfo(enter[0], [.. enter[1..], .. command]));
    }

    /// <summary>What an admin does inside a namespace: see <see cref="AdminProgram"/>.</summary>
    public static async Task AdministerAsync(string space, string secret, params string[] arguments)
    {
        string program = typeof(AdminProgram).Assembly.Location;
        await using HostProcess admin = StartProgramIn(space, [Dotnet, program, .. arguments]);
        await admin._process.StandardInput.WriteLineAsync(secret);
        admin.CloseInput();
        Assert.True(await admin.EndAsync() == 0, $"{string.Join(' ', arguments)}: {admin.Error}");
    }

    /// <summary>The first line for which it holds, on either output; fails when the process ends without.</summary>
    public async Task<string> LineAsync(Func<string, bool> match, TimeSpan? bound = null)
    {
        while (true)
        {
            bool ended = _ended.IsCompleted;
            Task more;
            lock (_output)
            {
                if (_output.Concat(_error).FirstOrDefault(match) is { } line)
                {
                    return line;
                }

                more = _said.Task;
            }

            Assert.False(ended, $"Ended before it said what was waited for.\n{Output}\n{Error}");
            try
            {
                await Task.WhenAny(more, _ended).WaitAsync(bound ?? Bound);
            }
            catch (TimeoutException)
            {
                Assert.Fail($"Did not say what was waited for.\n{Output}\n{Error}");
            }
        }
    }

    public async Task<JObject> EventAsync(string name) => JObject.Parse(await LineAsync(
        line => line.StartsWith('{') && (string?)JObject.Parse(line)["event"] == name));

    /// <summary>Where a console or an engine listens, once it does.</summary>
    public async Task<IPEndPoint> ListeningAsync(string role)
    {
        JObject entry = await EventAsync(role == "console" ? "ConsoleStarted" : "ListenerOpened");
        return IPEndPoint.Parse((string)entry["endpoint"]!);
    }

    public void CloseInput() => _process.StandardInput.Close();

    public void Signal(int signal) => Processes.Signal(Id, signal);

    /// <summary>Kill -9: it gets no chance to clean up.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await EndAsync();
    }

    public async Task<int> EndAsync()
    {
        try
        {
            await _ended.WaitAsync(Bound);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"The process did not end.\n{Output}\n{Error}");
        }

        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _ended;
        }

        _process.Dispose();
    }

    private static HostProcess StartWith(Dictionary<string, string> environment, string[] command)
    {
        var start = new ProcessStartInfo(command[0], command[1..]);
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        return new HostProcess(start);
    }

    private void Hear(List<string> lines, string? line)
    {
        if (line is null)
        {
            return;
        }

        TaskCompletionSource said;
        lock (_output)
        {
            lines.Add(line);
            said = _said;
            _said = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        said.TrySetResult();
    }

    private string Text(List<string> lines)
    {
        lock (_output)
        {
            return string.Join('\n', lines);
        }
    }
}
