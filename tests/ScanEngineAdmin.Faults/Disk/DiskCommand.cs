using System.Diagnostics;
using System.Globalization;
using ScanEngineAdmin.Faults.Lab;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Faults.Disk;

/// <summary>-- disk [part of a case's name]: full disks under real nodes, and what their admins can do.</summary>
internal sealed class DiskCommand : IFaultCommand
{
    private const string Marker = "SCANENGINEADMIN_FAULTS_MOUNTS";
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(4);

    public string Name => "disk";

    public string Purpose => "full disks of several sizes under a console and an engine: [part of a case's name]";

    public async Task<int> RunAsync(IReadOnlyList<string> args)
    {
        string part = args.Count > 0 ? args[0] : string.Empty;
        DiskCase[] cases = DiskCase.All
            .Where(one => one.Name.Contains(part, StringComparison.OrdinalIgnoreCase)).ToArray();
        if (args.Count > 1 || cases.Length == 0)
        {
            await Console.Error.WriteLineAsync(Purpose);
            return Program.Usage;
        }

        if (ThisMachine.WhyNotRoot is { } why)
        {
            await Console.Error.WriteLineAsync($"DISK NOT RUN: {why}");
            return Program.CannotRun;
        }

        // In a mount namespace of its own: whatever becomes of this process, its disks go with it.
        return Environment.GetEnvironmentVariable(Marker) is null
            ? await InsideAsync([Name, .. args])
            : await RunAsync(cases);
    }

    private static async Task<int> InsideAsync(string[] args)
    {
        var start = new ProcessStartInfo("unshare", ["-m", "--propagation", "private", "--", .. Self.Line(args)]);
        start.Environment[Marker] = "1";
        using Process inside = Process.Start(start)!;
        await inside.WaitForExitAsync();
        return inside.ExitCode;
    }

    private static async Task<int> RunAsync(DiskCase[] cases)
    {
        (int lost, int stuck) = (0, 0);
        foreach (DiskCase one in cases)
        {
            long began = Stopwatch.GetTimestamp();
            var outcome = new DiskOutcome();
            try
            {
                Task run = one.AtConsole
                    ? FullConsole.RunAsync(one, outcome)
                    : FullEngine.RunAsync(one, outcome);
                await run.WaitAsync(Bound);
            }
            catch (Exception exception)
            {
                outcome.Stuck.Add($"{exception.GetType().Name}: {exception.Message}");
            }

            lost += outcome.Lost.Count;
            stuck += outcome.Stuck.Count;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{one.Name,-44} {(outcome.IsGood ? "survived" : "FAILED")}: {outcome} "
                    + $"({Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s)"));
        }

        bool pass = lost == 0 && stuck == 0;
        Console.WriteLine($"DISK cases={cases.Length} lost={lost} stuck={stuck} {(pass ? "PASS" : "FAIL")}");
        return pass ? Program.Passed : Program.Failed;
    }
}
