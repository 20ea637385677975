using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Service.Arguments;
using ScanEngineAdmin.Storage;

namespace ScanEngineAdmin.Service.Demo;

/// <summary>
/// The stage of the demo: a console process and an engine process on loopback, with a folder of their own. Whatever
/// happens, neither is there afterwards. Ends with 0 only if the whole story happened.
/// </summary>
internal static class DemoHost
{
    /// <summary>How long an interrupted demo may take to end its processes and remove its folder.</summary>
    public static readonly TimeSpan CleanUp = TimeSpan.FromSeconds(30);

    public static Command Create()
    {
        Option<bool> keep = HostOption.Flag("--keep", "keep the demo's folder and say where it is");
        var command = new Command("demo", "Pair, scan and change the direction, on this computer alone.") { keep };
        command.SetAction((parsed, token) => RunAsync(parsed.GetValue(keep), token));
        return command;
    }

    private static async Task<int> RunAsync(bool keep, CancellationToken cancellationToken)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("scanengineadmin-demo-");
        long started = Stopwatch.GetTimestamp();
        DemoNode? console = null;
        DemoNode? engine = null;
        try
        {
            string consolePath = Path.Combine(folder.FullName, "console-host");
            string enginePath = Path.Combine(folder.FullName, "engine-host");
            console = DemoNode.Start("console", consolePath);
            engine = DemoNode.Start("engine", enginePath);
            await PlayAsync((console, consolePath), (engine, enginePath), cancellationToken).ConfigureAwait(false);
            bool clean = await engine.StopAsync().ConfigureAwait(false)
                & await console.StopAsync().ConfigureAwait(false);
            Say(clean ? "Both processes stopped cleanly." : "A process did not stop cleanly.");
            Say(string.Create(
                CultureInfo.InvariantCulture, $"Done in {Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s."));
            return clean ? ExitCode.Stopped : ExitCode.Failed;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("The demo was interrupted.").ConfigureAwait(false);
            return ExitCode.Failed;
        }
        catch (Exception exception) when (exception
            is ScanEngineException or InvalidOperationException or OperationCanceledException or TimeoutException)
        {
            string next = exception is ScanEngineException fault ? $" {fault.Recommendation}" : string.Empty;
            await Console.Error.WriteLineAsync($"The demo broke off: {exception.Message}{next}").ConfigureAwait(false);
            await Console.Error.WriteLineAsync(console?.LastLines()).ConfigureAwait(false);
            await Console.Error.WriteLineAsync(engine?.LastLines()).ConfigureAwait(false);
            return ExitCode.Failed;
        }
        finally
        {
            await EndAsync(engine).ConfigureAwait(false);
            await EndAsync(console).ConfigureAwait(false);
            if (keep)
            {
                Say($"Kept: {folder.FullName}");
            }
            else
            {
                folder.Delete(recursive: true);
            }
        }
    }

    private static async Task PlayAsync(
        (DemoNode Process, string Path) console, (DemoNode Process, string Path) engine, CancellationToken token)
    {
        IPEndPoint consoleAt = await console.Process.ListeningAsync(token).ConfigureAwait(false);
        IPEndPoint engineAt = await engine.Process.ListeningAsync(token).ConfigureAwait(false);
        Say($"Security Console: process {console.Process.ProcessId} on {consoleAt}.");
        Say($"Scan Engine:      process {engine.Process.ProcessId} on {engineAt}.");

        var stores = new SqliteStoreProvider();
        using ConsoleAdmin consoleAdmin = ConsoleAdmin.Open(DataFolder.Resolve(console.Path), stores);
        using EngineAdmin engineAdmin = EngineAdmin.Open(DataFolder.Resolve(engine.Path), stores);
        var services = new DemoServices();
        await using (services.ConfigureAwait(false))
        {
            var story = new DemoStory(consoleAdmin, engineAdmin, services, consoleAt.Port, Say, token);
            await story.TellAsync(engineAt).ConfigureAwait(false);
        }
    }

    private static async Task EndAsync(DemoNode? node)
    {
        if (node is not null)
        {
            await node.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static void Say(string line) => Console.WriteLine(line);
}
