using System.Collections.Concurrent;
using System.Globalization;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Faults.Direction;

/// <summary>
/// The matrix of section 9 of docs/protocol.md, with real processes behind real firewalls: whatever happens during a
/// change, both ends end up wholly new or wholly old, and no scan is lost or run twice.
/// </summary>
internal sealed class DirectionMatrixCommand : IFaultCommand
{
    public string Name => "direction";

    public string Purpose => "The change of direction under every fault [--filter TEXT]... [--parallel N] [--list]";

    public async Task<int> RunAsync(IReadOnlyList<string> args)
    {
        List<string> filters = [];
        int parallel = 3 * Environment.ProcessorCount;
        bool list = false;
        for (int i = 0; i < args.Count; i++)
        {
            switch (args[i])
            {
                case "--filter" when i + 1 < args.Count:
                    filters.Add(args[++i]);
                    break;
                case "--parallel" when i + 1 < args.Count
                    && int.TryParse(args[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out parallel)
                    && parallel > 0:
                    i++;
                    break;
                case "--list":
                    list = true;
                    break;
                default:
                    await Console.Error.WriteLineAsync($"Not understood: {args[i]}. {Name}: {Purpose}");
                    return Program.Usage;
            }
        }

        List<Cell> cells = [.. Cell.All().Where(
            cell => filters.Count == 0 || filters.Exists(text => Matches(cell, text)))];
        if (list || cells.Count == 0)
        {
            cells.ForEach(cell => Console.WriteLine(cell.Name));
            return cells.Count == 0 ? Program.Usage : Program.Passed;
        }

        if (NetworkNamespace.WhyNot("nft") is { } reason)
        {
            Console.WriteLine($"DIRECTION not run: {reason}");
            return Program.CannotRun;
        }

        return Close(await RunAsync(cells, parallel));
    }

    private static bool Matches(Cell cell, string text)
    {
        string name = string.Join(' ', cell.Name.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        return name.Contains(text, StringComparison.OrdinalIgnoreCase);
    }

    private static async Task<IReadOnlyCollection<CellResult>> RunAsync(List<Cell> cells, int parallel)
    {
        IReadOnlyList<string> undisturbed = await CellRun.UndisturbedAsync();
        Console.WriteLine($"An undisturbed scan has {undisturbed.Count} findings.");
        var results = new ConcurrentBag<CellResult>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = parallel };
        await Parallel.ForEachAsync(cells, options, async (cell, _) =>
        {
            CellResult result = await CellRun.RunAsync(cell, undisturbed);
            results.Add(result);
            Console.WriteLine(result.Passed ? result.Line : $"{result.Line}\n{result.Logs}");
        });
        return results;
    }

    private static int Close(IReadOnlyCollection<CellResult> results)
    {
        int Of(CellOutcome outcome) => results.Count(result => result.Outcome == outcome);
        bool passed = results.Count > 0 && results.All(result => result.Passed);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"DIRECTION cells={results.Count} new={Of(CellOutcome.New)} old={Of(CellOutcome.Old)} "
            + $"split={Of(CellOutcome.Split)} lost={results.Count(result => result.Lost)} "
            + $"doubled={results.Count(result => result.Doubled)} {(passed ? "PASS" : "FAIL")}"));
        return passed ? Program.Passed : Program.Failed;
    }
}
