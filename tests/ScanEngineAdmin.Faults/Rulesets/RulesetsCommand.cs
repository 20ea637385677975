using System.Diagnostics;
using System.Globalization;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Faults.Rulesets;

/// <summary>Generated filters, judged and opened by the product, against connections that are really made.</summary>
internal sealed class RulesetsCommand : IFaultCommand
{
    // A trial mostly waits for connections that are denied.
    private const int Workers = 3;

    public string Name => "rulesets";

    public string Purpose =>
        "filters against real connections [--sets N (500)] [--seed N (1)] [--seconds N (600)] [--folder DIR: its "
        + "files in place of generated ones, *.nft, *.v4, *.v6, *.sh]";

    public async Task<int> RunAsync(IReadOnlyList<string> args)
    {
        if (NetworkNamespace.WhyNot("nft", "iptables-nft", "iptables-legacy", "ipset", "nsenter", "timeout") is { } why)
        {
            await Console.Error.WriteLineAsync($"RULESETS NOT RUN: {why}");
            return Program.CannotRun;
        }

        if (Number(args, "--sets", 500) is not { } sets || Number(args, "--seed", 1) is not { } seed
            || Number(args, "--seconds", 600) is not { } seconds)
        {
            await Console.Error.WriteLineAsync("rulesets [--sets N] [--seed N] [--seconds N] [--folder DIR]");
            return Program.Usage;
        }

        Func<int, Ruleset> make = RulesetGenerator.Make;
        if (Text(args, "--folder") is { } folder)
        {
            IReadOnlyList<Ruleset> files = RulesetFolder.Read(folder);
            sets = Math.Min(sets, files.Count - seed + 1);
            make = number => files[number - 1];
        }

        long start = Stopwatch.GetTimestamp();
        var all = new RulesetTally();
        int next = seed - 1;
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => Task.Run(async () =>
        {
            using var host = new RulesetHost();
            var trial = new RulesetTrial(host, Console.WriteLine);
            var tally = new RulesetTally();
            while (Interlocked.Increment(ref next) is var mine && mine < seed + sets
                && Stopwatch.GetElapsedTime(start).TotalSeconds < seconds)
            {
                await trial.RunAsync(make(mine), tally);
            }

            lock (all)
            {
                all.Add(tally);
            }
        })));
        Console.WriteLine(
            $"took {Stopwatch.GetElapsedTime(start).TotalSeconds:0} s, {all.Skipped} rule sets were not loaded, "
            + $"{all.NotApplied} not opened");
        Console.WriteLine(all);
        return all.Passed ? Program.Passed : Program.Failed;
    }

    internal static string? Text(IReadOnlyList<string> args, string name) =>
        args.ToList().IndexOf(name) is >= 0 and var at && at + 1 < args.Count ? args[at + 1] : null;

    internal static int? Number(IReadOnlyList<string> args, string name, int otherwise) =>
        !args.Contains(name) ? otherwise
            : int.TryParse(Text(args, name), CultureInfo.InvariantCulture, out int n) && n > 0 ? n : null;
}
