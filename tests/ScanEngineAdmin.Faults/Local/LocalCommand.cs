using System.Diagnostics;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Faults.Local;

/// <summary>
/// Another local user, or an account that was taken over, against root's hands: every trick against every way in which
/// root opens that user's data folder.
/// </summary>
internal sealed class LocalCommand : IFaultCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public string Name => "local";

    public string Purpose => "tricks of another local user's folder against all that root does there [parts of names]";

    public async Task<int> RunAsync(IReadOnlyList<string> args)
    {
        if (ThisMachine.WhyNotRoot is { } reason)
        {
            Console.WriteLine($"LOCAL not run: {reason}");
            return Program.CannotRun;
        }

        DirectoryInfo own = Directory.CreateTempSubdirectory("sea-local-own-");
        try
        {
            string export = await FolderOpeners.MakeExportAsync(own.FullName);
            int cases = 0;
            int refused = 0;
            foreach (LocalCase one in LocalCases.All().Where(one => args.Count == 0
                || args.Any(part => one.Name.Contains(part, StringComparison.Ordinal))))
            {
                cases++;
                refused += await TryAsync(one, export) ? 1 : 0;
            }

            bool pass = cases > 0 && cases == refused;
            Console.WriteLine($"LOCAL cases={cases} refused={refused} {(pass ? "PASS" : "FAIL")}");
            return pass ? Program.Passed : Program.Failed;
        }
        finally
        {
            own.Delete(recursive: true);
        }
    }

    private static async Task<bool> TryAsync(LocalCase one, string export)
    {
        var wrong = new List<string>();
        var said = new SortedSet<string>(StringComparer.Ordinal);
        using var stage = new LocalStage();
        stage.Fill();
        one.Plant(stage);
        stage.Begin();
        using Process? race = one.Race is { } line ? stage.Race(line) : null;
        long begun = Stopwatch.GetTimestamp();
        do
        {
            foreach ((string name, Func<LocalStage, string, Task> open) in FolderOpeners.All())
            {
                FaultCode? fault = await OpenAsync(name, () => open(stage, export), wrong);
                said.Add($"{name} {fault?.ToString() ?? "done"}");
                if (fault is null && ((one.IsUnusable && name != "export to him") || name is "export" or "import" or "console" or "engine" or "credential" or "log"))
                {
                    wrong.Add($"{name} was not refused");
                }
            }
        }
        while (race is { HasExited: false } && Stopwatch.GetElapsedTime(begun) < TimeSpan.FromSeconds(6));
        if (race is not null)
        {
            race.Kill(entireProcessTree: true);
            await race.WaitForExitAsync();
        }

        if (stage.Damage() is { } damage)
        {
            wrong.Add(damage);
        }

        Console.WriteLine($"{(wrong.Count == 0 ? "ok  " : "FAIL")} {one.Name}");
        foreach (string text in wrong.Distinct())
        {
            Console.WriteLine($"     {text}");
        }

        if (wrong.Count > 0)
        {
            Console.WriteLine($"     ({string.Join(", ", said)})");
        }

        return wrong.Count == 0;
    }

    // On a thread of its own: what hangs must not take this program along.
    private static async Task<FaultCode?> OpenAsync(string name, Func<Task> open, List<string> wrong)
    {
        try
        {
            await Task.Factory
                .StartNew(open, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)
                .Unwrap().WaitAsync(Patience);
            return null;
        }
        catch (ScanEngineException refused)
        {
            return refused.Code;
        }
        catch (TimeoutException)
        {
            wrong.Add($"{name} hangs");
            return FaultCode.TimedOut;
        }
#pragma warning disable CA1031 // Any other error is what this looks for.
        catch (Exception e)
#pragma warning restore CA1031
        {
            wrong.Add($"{name}: {e.GetType().Name} {e.Message}");
            return FaultCode.InternalError;
        }
    }
}
