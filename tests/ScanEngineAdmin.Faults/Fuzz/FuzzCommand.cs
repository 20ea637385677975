using System.Globalization;
using System.Runtime.CompilerServices;

namespace ScanEngineAdmin.Faults.Fuzz;

/// <summary>-- fuzz [--inputs N] [--seed N] [--save]</summary>
internal sealed class FuzzCommand : IFaultCommand
{
    public string Name => "fuzz";

    public string Purpose => "everything that reads strangers' bytes: --inputs 10000000 --seed 1 [--save the corpus]";

    public async Task<int> RunAsync(IReadOnlyList<string> args)
    {
        long inputs = 200_000;
        ulong seed = 1;
        bool save = false;
        for (int i = 0; i < args.Count; i++)
        {
            bool understood = args[i] switch
            {
                "--inputs" => i + 1 < args.Count
                    && long.TryParse(args[++i], NumberStyles.None, CultureInfo.InvariantCulture, out inputs)
                    && inputs > 0,
                "--seed" => i + 1 < args.Count
                    && ulong.TryParse(args[++i], NumberStyles.None, CultureInfo.InvariantCulture, out seed),
                "--save" => save = true,
                _ => false,
            };
            if (!understood)
            {
                await Console.Error.WriteLineAsync($"{args[i]}? {Purpose}");
                return Program.Usage;
            }
        }

        var run = new FuzzRun(inputs, seed, Corpus(), Console.Out);
        await run.RunAsync(save);
        Console.WriteLine(
            $"FUZZ inputs={run.Inputs} crashes={run.Crashes} hangs={run.Hangs} {(run.Passed ? "PASS" : "FAIL")}");
        return run.Passed ? Program.Passed : Program.Failed;
    }

    /// <summary>Beside this source; a build that was moved elsewhere has only the seeds.</summary>
    private static string? Corpus([CallerFilePath] string source = "")
    {
        string folder = Path.Combine(Path.GetDirectoryName(source) ?? string.Empty, "corpus");
        return Directory.Exists(folder) ? folder : null;
    }
}
