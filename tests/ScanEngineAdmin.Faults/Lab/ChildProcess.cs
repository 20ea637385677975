using System.Diagnostics;

namespace ScanEngineAdmin.Faults.Lab;

/// <summary>This assembly as a process of its own inside a namespace, told what to do and heard line by line.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(90);

    private readonly Process _process;
    private readonly List<string> _lines = [];
    private TaskCompletionSource _said = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ChildProcess(ProcessStartInfo start)
    {
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Hear(line.Data);
        _process.ErrorDataReceived += (_, line) => Hear(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lines)
            {
                return [.. _lines];
            }
        }
    }

    /// <summary><c>ip</c> becomes the program, so its process is the one that is killed.</summary>
    public static ChildProcess StartIn(string space, params string[] arguments)
    {
        string dotnet = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet"
            ? Environment.ProcessPath!
            : Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        string program = typeof(ChildProcess).Assembly.Location;
        var start = new ProcessStartInfo("ip", ["netns", "exec", space, dotnet, program, .. arguments]);

        // Many short lives on few cores: what is compiled in the background for later never pays.
        start.Environment["DOTNET_TieredPGO"] = "0";
        start.Environment["DOTNET_gcConcurrent"] = "0";
        return new ChildProcess(start);
    }

    public void Say(string line)
    {
        try
        {
            _process.StandardInput.WriteLine(line);
            _process.StandardInput.Flush();
        }
        catch (IOException exception)
        {
            throw new InvalidOperationException($"It has ended and cannot be told '{line}'.", exception);
        }
    }

    /// <summary>The first line that begins so; throws when the process ends without, or the time is over.</summary>
    public async Task<string> LineAsync(string beginning)
    {
        using var bound = new CancellationTokenSource(Bound);
        while (true)
        {
            bool ended = _process.HasExited;
            Task more;
            lock (_lines)
            {
                if (_lines.Find(line => line.StartsWith(beginning, StringComparison.Ordinal)) is { } found)
                {
                    return found;
                }

                more = _said.Task;
            }

            if (ended || bound.IsCancellationRequested)
            {
                throw new InvalidOperationException(
                    $"It {(ended ? "ended" : "ran on")} without saying '{beginning}': {string.Join('\n', Lines)}");
            }

            await Task.WhenAny(more, _process.WaitForExitAsync(bound.Token));
        }
    }

    /// <summary>Kill -9: it gets no chance to clean up.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync().WaitAsync(Bound);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }

    private void Hear(string? line)
    {
        if (line is null)
        {
            return;
        }

        TaskCompletionSource said;
        lock (_lines)
        {
            _lines.Add(line);
            said = _said;
            _said = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        said.TrySetResult();
    }
}
