using System.Diagnostics;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Faults.Lab;

/// <summary>This assembly as a process of its own inside a namespace, told what to do and heard line by line.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(90);

    private readonly Process _process;

    // It has ended when all that it said is heard as well.
    private readonly Task _ended;
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
        _ended = _process.WaitForExitAsync();
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

    public static ChildProcess Start(params string[] arguments) => StartLine(Self.Line(arguments));

    /// <summary><c>ip</c> becomes the program, so its process is the one that is killed.</summary>
    public static ChildProcess StartIn(string space, params string[] arguments) =>
        StartLine(["ip", "netns", "exec", space, .. Self.Line(arguments)]);

    /// <summary>As <see cref="StartIn"/>, and none of the machine's managers of filters is there.</summary>
    public static ChildProcess StartApart(string space, params string[] arguments) =>
        StartLine([.. NetworkNamespace.Enter(space), .. Self.Line(arguments)]);

    private static ChildProcess StartLine(string[] line)
    {
        var start = new ProcessStartInfo(line[0], line[1..]);

        // A runtime that is killed leaves its diagnostic pipes in the temporary folder; and for many short lives on few
        // cores what is compiled in the background for later never pays.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
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
        Task over = Task.Delay(Bound);
        while (true)
        {
            bool ended = _ended.IsCompleted;
            Task more;
            lock (_lines)
            {
                if (_lines.Find(line => line.StartsWith(beginning, StringComparison.Ordinal)) is { } found)
                {
                    return found;
                }

                more = _said.Task;
            }

            if (ended || over.IsCompleted)
            {
                throw new InvalidOperationException(
                    $"It {(ended ? "ended" : "ran on")} without saying '{beginning}': {string.Join('\n', Lines)}");
            }

            await Task.WhenAny(more, _ended, over);
        }
    }

    /// <summary>Kill -9: it gets no chance to clean up.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _ended.WaitAsync(Bound);
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
