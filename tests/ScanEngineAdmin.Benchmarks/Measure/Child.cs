using System.Diagnostics;

namespace ScanEngineAdmin.Benchmarks.Measure;

/// <summary>A process of the benchmark that answers a line with a line, and ends when its input ends.</summary>
internal sealed class Child : IAsyncDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(10);
    private readonly Process _process;

    private Child(ProcessStartInfo start)
    {
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        _process = Process.Start(start)!;
    }

    public int Id => _process.Id;

    /// <summary>This program as another process.</summary>
    public static Child Self(params string[] args) => SelfIn(null, args);

    /// <summary>The same inside a network namespace, if one is named.</summary>
    public static Child SelfIn(string? space, params string[] args)
    {
        string[] line = [.. Enter(space), .. Line(args)];
        return new Child(new ProcessStartInfo(line[0], line[1..]));
    }

    /// <summary>This program as it would be shipped, with engines in it.</summary>
    public static Child Engines(string? space, params string[] args)
    {
        string[] line = [.. Enter(space), ShippedProgram.Dotnet, ShippedProgram.Engines, .. args];
        return new Child(new ProcessStartInfo(line[0], line[1..]));
    }

    /// <summary>How this program is started again.</summary>
    public static string[] Line(params string[] args)
    {
        string host = Environment.ProcessPath!;
        return Path.GetFileNameWithoutExtension(host) == "dotnet"
            ? [host, typeof(Child).Assembly.Location, .. args]
            : [host, .. args];
    }

    /// <summary>The shipped program; what it logs is thrown away.</summary>
    public static Process Service(string? space, params string[] args)
    {
        string[] line =
        [
            .. Enter(space), "sh", "-c", "exec \"$@\" >/dev/null 2>&1", "sh", ShippedProgram.Dotnet, ShippedProgram.Console, .. args,
        ];
        return Process.Start(new ProcessStartInfo(line[0], line[1..]) { RedirectStandardInput = true })!;
    }

    public async Task<string> AskAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync();
        return await HearAsync();
    }

    public async Task<string> HearAsync() => await _process.StandardOutput.ReadLineAsync().WaitAsync(Bound)
        ?? throw new InvalidOperationException("The other process of the benchmark has ended.");

    /// <summary>What it has used until now.</summary>
    public async Task<Use> UseAsync() => Use.Read(await AskAsync("use"));

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        try
        {
            await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(20));
        }
        catch (TimeoutException)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    // It becomes what it starts, so the process is the one that is measured.
    private static string[] Enter(string? space) => space is null ? [] : ["ip", "netns", "exec", space];
}
