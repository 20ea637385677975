using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace ScanEngineAdmin.Faults.Attack;

/// <summary>Attacks one after the other, each against nodes of its own that have to serve meanwhile.</summary>
internal static class AttackRun
{
    /// <summary>Whatever fails, also the stage itself, is the failure of its case: the others run all the same.</summary>
    public static async Task<bool> AllAsync(IReadOnlyList<AttackCase> cases, Func<Task<AttackStage>> open)
    {
        (int refused, int served) = (0, 0);
        foreach (AttackCase one in cases)
        {
            long began = Stopwatch.GetTimestamp();
            (bool good, bool serves, string what) = await OutcomeAsync(one, open);
            refused += good ? 1 : 0;
            served += serves ? 1 : 0;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{one.Name,-34} {(good ? "refused" : "NOT REFUSED")}: {what} "
                + $"({Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s)"));
        }

        bool pass = refused == cases.Count && served == cases.Count;
        Console.WriteLine($"ATTACK cases={cases.Count} refused={refused} served={served} {(pass ? "PASS" : "FAIL")}");
        return pass;
    }

    private static async Task<(bool Refused, bool Served, string What)> OutcomeAsync(
        AttackCase one, Func<Task<AttackStage>> open)
    {
        try
        {
            await using AttackStage stage = await open();
            Task<(bool, string)> attack = TriedAsync(
                () => Task.Run(() => one.Run(stage)).WaitAsync(TimeSpan.FromMinutes(3)));
            Task<(bool, string)> meanwhile = ServedAsync(stage);
            (bool refused, string what) = await attack;
            (bool served, string service) = await meanwhile;
            (served, service) = served ? await ServedAsync(stage) : (served, service);
            return (refused, served, $"{what}; {service}");
        }
        catch (Exception e)
        {
            return (false, false, $"the stage failed: {e.GetType().Name}: {e.Message}");
        }
    }

    private static async Task<(bool Good, string What)> TriedAsync(Func<Task<string>> attack)
    {
        try
        {
            return (true, await attack());
        }
        catch (Exception e)
        {
            return (false, $"{e.GetType().Name}: {e.Message}");
        }
    }

    /// <summary>While it is attacked, and once more afterwards; and nothing that a peer wrote has broken a line of the log.</summary>
    private static async Task<(bool Serves, string What)> ServedAsync(AttackStage stage)
    {
        try
        {
            await stage.ServeAsync();
            string? broken = stage.Log.Select(entry => entry.Message).FirstOrDefault(line => line.Any(char.IsControl));
            return broken is null
                ? (true, "served")
                : (false, $"a log line was broken: {Encoding.UTF8.GetByteCount(broken)} bytes");
        }
        catch (Exception e)
        {
            return (false, $"NOT SERVED: {e.Message}");
        }
    }
}
