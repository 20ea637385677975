using ScanEngineAdmin.Faults.Attack;

namespace ScanEngineAdmin.Core.Tests.Security;

/// <summary>
/// The attacks that a mend answers, against real nodes; all of them run with
/// <c>dotnet run --project tests/ScanEngineAdmin.Faults -- attack</c>.
/// </summary>
[Trait("Speed", "Slow")]
public sealed class AttackTests
{
    /// <summary>Those that measure the memory of the process.</summary>
    internal static readonly string[] Measured = ["128 streams of scan data", "128 large requests"];

    // Of the rest the slow ones are in SpentSecretTests and ReconnectNoiseTests, in a form of their own.
    private static readonly string[] Quick = ["another key with the same id", "names that", "certificates refused"];

    private static IEnumerable<AttackCase> Cases =>
        PairingAttacks.All.Concat(EngineAttacks.All).Concat(ConsoleAttacks.All).Concat(LifeAttacks.All)
            .Concat(CertificateAttacks.All).Concat(WearAttacks.All).Concat(PoolAttacks.All)
            .Concat(SecretAttacks.All.Concat(NoiseAttacks.All).Where(one =>
                Array.Exists(Quick, part => one.Name.Contains(part, StringComparison.Ordinal))));

    public static IEnumerable<object[]> Names() =>
        Cases.Select(one => one.Name).Except(Measured).Select(name => new object[] { name });

    [Theory]
    [MemberData(nameof(Names))]
    public Task An_attack_is_refused(string name) => RefusedAsync(name);

    internal static async Task RefusedAsync(string name)
    {
        AttackCase attack = Cases.Single(one => one.Name == name);
        await using AttackStage stage = await AttackStage.OpenAsync(AttackStage.Patient);
        Assert.NotEmpty(await attack.Run(stage).WaitAsync(TimeSpan.FromMinutes(3)));
    }
}
