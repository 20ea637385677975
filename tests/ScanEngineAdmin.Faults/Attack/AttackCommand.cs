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
            .. NoiseAttacks.All, .. CostAttacks.All, .. QuestionAttacks.All,
        ];
        cases = cases.Where(one => one.Name.Contains(part, StringComparison.OrdinalIgnoreCase)).ToArray();
        if (args.Count > 1 || cases.Length == 0)
        {
            await Console.Error.WriteLineAsync(Purpose);
            return 2;
        }

        return await AttackRun.AllAsync(cases, () => AttackStage.OpenAsync()) ? 0 : 1;
    }
}
