using System.Diagnostics;
using System.Net;
using Newtonsoft.Json.Linq;
using ScanEngineAdmin.Domain.Nodes;

namespace ScanEngineAdmin.Service.Demo;

/// <summary>A console or an engine of the demo: this same program as a process of its own, with its log read.</summary>
internal sealed class DemoNode : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(10);

    private readonly Process _process;
    private readonly TaskCompletionSource<IPEndPoint> _listening =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly Queue<string> _lastLines = new();
    private readonly string _role;

    private DemoNode(string role, Process process)
    {
        _role = role;
        _process = process;
    }

    public int ProcessId => _process.Id;

    public static DemoNode Start(string role, string dataPath)
    {
        // Under `dotnet run` and as an apphost the process path is this program; under `dotnet x.dll` it is dotnet.
        string self = Environment.ProcessPath!;
        var start = new ProcessStartInfo(self)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (Path.GetFileNameWithoutExtension(self) == "dotnet")
        {
            start.ArgumentList.Add(
                Path.Combine(AppContext.BaseDirectory, typeof(DemoNode).Assembly.GetName().Name + ".dll"));
        }

        foreach (string argument in new[] { role, "--data", dataPath, "--listen", "127.0.0.1:0", "--stop-with-stdin" })
        {
            start.ArgumentList.Add(argument);
        }

        var process = new Process { StartInfo = start, EnableRaisingEvents = true };
        var node = new DemoNode(role, process);
        process.OutputDataReceived += (_, line) => node.Read(line.Data);
        process.ErrorDataReceived += (_, line) => node.Remember(line.Data);
        process.Exited += (_, _) => node._listening.TrySetException(
            new InvalidOperationException($"The {role} ended before it listened: {node.LastLines()}"));
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return node;
    }

    /// <summary>Where it listens, once it does.</summary>
    public Task<IPEndPoint> ListeningAsync(CancellationToken cancellationToken) =>
        _listening.Task.WaitAsync(StartTimeout, cancellationToken);

    /// <summary>Ends it by closing its standard input; true if it stopped cleanly.</summary>
    public async Task<bool> StopAsync()
    {
        _process.StandardInput.Close();
        using var time = new CancellationTokenSource(EndTimeout);
        try
        {
            await _process.WaitForExitAsync(time.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return false;
        }

        return _process.ExitCode == ExitCode.Stopped;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync().ConfigureAwait(false);
        }

        _process.Dispose();
    }

    /// <summary>The end of its log, for when the story breaks off.</summary>
    public string LastLines()
    {
        lock (_lastLines)
        {
            return $"{_role}:{Environment.NewLine}{string.Join(Environment.NewLine, _lastLines)}";
        }
    }

    private void Read(string? line)
    {
        Remember(line);
        if (line is null || !line.StartsWith('{'))
        {
            return;
        }

        JObject entry = JObject.Parse(line);
        if ((string?)entry["event"] is Events.ConsoleStarted or Events.ListenerOpened
            && IPEndPoint.TryParse((string?)entry["endpoint"] ?? string.Empty, out IPEndPoint? endPoint))
        {
            _listening.TrySetResult(endPoint);
        }
    }

    private void Remember(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_lastLines)
        {
            _lastLines.Enqueue(line);
            if (_lastLines.Count > 20)
            {
                _lastLines.Dequeue();
            }
        }
    }
}
