using System.Diagnostics;
using System.Globalization;
using System.Text;
using ScanEngineAdmin.Faults.Cost;
using ScanEngineAdmin.Faults.Local;

namespace ScanEngineAdmin.Faults.Attack;

/// <summary>-- attack [NAME]: every attack against real nodes, while their engines have to be served.</summary>
internal sealed class AttackCommand : IFaultCommand
{
    public string Name => "attack";

    public string Purpose =>
        "strangers, hostile engines and consoles against real nodes that must go on serving: [part of a case's name]";

    public async Task<int> RunAsync(IReadOnlyList<string> args)
    {
        string part = args.Count > 0 ? args[0] : string.Empty;
        AttackCase[] cases =
        [
            .. StrangerAttacks.All, .. PairingAttacks.All, .. EngineAttacks.All, .. PoolAttacks.All,
            .. ConsoleAttacks.All, .. MetricsAttacks.All,
            .. LifeAttacks.All, .. CertificateAttacks.All, .. WearAttacks.All, .. SecretAttacks.All, .. TlsAttacks.All,
            .. NoiseAttacks.All, .. CostAttacks.All,
        ];
        cases = cases.Where(one => one.Name.Contains(part, StringComparison.OrdinalIgnoreCase)).ToArray();
        if (args.Count > 1 || cases.Length == 0)
        {
            await Console.Error.WriteLineAsync(Purpose);
            return 2;
        }

        (int refused, int served) = (0, 0);
        foreach (AttackCase one in cases)
        {
            await using (AttackStage stage = await AttackStage.OpenAsync())
            {
                long began = Stopwatch.GetTimestamp();
                Task<string> attack = Task.Run(() => one.Run(stage));
                (bool good, string refusal) = await OutcomeAsync(attack, stage.ServeAsync());
                (bool serves, string service) = await ServedAsync(stage);
                refused += good ? 1 : 0;
                served += serves ? 1 : 0;
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{one.Name,-34} {(good ? "refused" : "NOT REFUSED")}: {refusal}; {service} "
                    + $"({Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s)"));
            }
        }

        bool pass = refused == cases.Length && served == cases.Length;
        Console.WriteLine($"ATTACK cases={cases.Length} refused={refused} served={served} {(pass ? "PASS" : "FAIL")}");
        return pass ? 0 : 1;
    }

    private static async Task<(bool Good, string What)> OutcomeAsync(Task<string> attack, Task service)
    {
        try
        {
            await service;
            return (true, await attack.WaitAsync(TimeSpan.FromMinutes(3)));
        }
        catch (Exception e)
        {
            return (false, $"{e.GetType().Name}: {e.Message}");
        }
    }

    /// <summary>Once more after the attack; and nothing that a peer wrote has broken a line of the log.</summary>
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
