using System.Security.Cryptography;

namespace ScanEngineAdmin.Faults.Fuzz;

/// <summary>All targets, each with its share of the inputs, spread over the cores.</summary>
internal sealed class FuzzRun(long inputs, ulong seed, string? corpus, TextWriter output)
{
    private static readonly TimeSpan Hung = TimeSpan.FromSeconds(60);
    private const int MostKept = 4096;
    private const long MostGrowth = 192L * 1024 * 1024;

    public long Inputs { get; private set; }

    public int Crashes { get; private set; }

    public int Hangs { get; private set; }

    public bool Passed => Crashes == 0 && Hangs == 0 && Inputs >= inputs;

    public async Task RunAsync(bool save)
    {
        IReadOnlyList<FuzzTarget> targets = FuzzTargets.All;
        long weights = targets.Sum(target => (long)target.Weight);
        Fuzzer[] fuzzers = targets.Select(target => new Fuzzer(target, seed, Known(target.Name))).ToArray();
        long before = GC.GetTotalMemory(forceFullCollection: true);
        var options = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount };
        Task work = Task.Run(() => Parallel.For(0, fuzzers.Length, options, i =>
            fuzzers[i].Run(Math.Max(200, (inputs * targets[i].Weight / weights) + 1))));
        while (await Task.WhenAny(work, Task.Delay(TimeSpan.FromSeconds(1))) != work)
        {
            if (fuzzers.FirstOrDefault(fuzzer => fuzzer.Present.Since > Hung) is { } stuck)
            {
                Hangs++;
                Tell(stuck.Name, $"does not end after {Hung.TotalSeconds} s", stuck.Present.Input);
                return;
            }
        }

        await work;
        foreach (Fuzzer fuzzer in fuzzers)
        {
            Report(fuzzer);
            Keep(fuzzer);
            if (save && corpus is not null)
            {
                Save(fuzzer);
            }
        }

        long grown = GC.GetTotalMemory(forceFullCollection: true) - before;
        if (grown > MostGrowth)
        {
            Crashes++;
            output.WriteLine($"  the process grew by {grown} bytes");
        }
    }

    private void Report(Fuzzer fuzzer)
    {
        Inputs += fuzzer.Inputs;
        Crashes += fuzzer.Crashes.Count;
        Hangs += fuzzer.Hangs.Count;
        output.WriteLine(
            $"  {fuzzer.Name,-10} inputs={fuzzer.Inputs} kept={fuzzer.Found.Count()} crashes={fuzzer.Crashes.Count} "
            + $"hangs={fuzzer.Hangs.Count}");
        foreach ((string what, byte[] input) in fuzzer.Crashes.Take(5))
        {
            Tell(fuzzer.Name, what, input);
        }

        foreach (byte[] input in fuzzer.Hangs.Take(5))
        {
            Tell(fuzzer.Name, "took more than a second, twice", input);
        }
    }

    private void Tell(string name, string what, byte[] input) =>
        output.WriteLine(
            $"  {name}: {what}; input {Convert.ToHexString(input.AsSpan(0, Math.Min(input.Length, 600)))}");

    private IEnumerable<byte[]> Known(string name)
    {
        string file = Path.Combine(corpus ?? string.Empty, $"{name}.txt");
        return corpus is null || !File.Exists(file) ? [] : File.ReadLines(file).Select(Convert.FromBase64String);
    }

    // What was found once is tried first in every run from then on, whatever its seed.
    private void Keep(Fuzzer fuzzer)
    {
        string[] found = fuzzer.Crashes.Select(crash => crash.Input).Concat(fuzzer.Hangs)
            .Where(input => input.Length <= MostKept).Select(Convert.ToBase64String).ToArray();
        if (corpus is not null && found.Length > 0)
        {
            string file = Path.Combine(corpus, $"{fuzzer.Name}.txt");
            string[] known = File.Exists(file) ? File.ReadAllLines(file) : [];
            File.WriteAllLines(file, known.Union(found).Order(StringComparer.Ordinal));
        }
    }

    // Small and sorted by content, so that another run changes only the lines that are new.
    private void Save(Fuzzer fuzzer) => File.WriteAllLines(
        Path.Combine(corpus!, $"{fuzzer.Name}.txt"),
        Known(fuzzer.Name).Concat(fuzzer.Found.Where(input => input.Length <= 300)
            .DistinctBy(input => Convert.ToHexString(SHA256.HashData(input)))
            .Take(40))
            .Select(Convert.ToBase64String)
            .Distinct()
            .Order(StringComparer.Ordinal));
}
