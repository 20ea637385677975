using ScanEngineAdmin.Faults.Attack;
using ScanEngineAdmin.Faults.Fuzz;

namespace ScanEngineAdmin.Core.Tests.Security;

/// <summary>
/// The attacks that a mend answers, against real nodes; all of them run with
/// <c>dotnet run --project tests/ScanEngineAdmin.Faults -- attack</c>.
/// </summary>
public sealed class AttackTests
{
    private static IEnumerable<AttackCase> Cases =>
        PairingAttacks.All.Concat(EngineAttacks.All).Concat(ConsoleAttacks.All).Concat(LifeAttacks.All)
            .Concat(CertificateAttacks.All).Concat(WearAttacks.All);

    public static IEnumerable<object[]> Names() => Cases.Select(one => new object[] { one.Name });

    [Theory]
    [MemberData(nameof(Names))]
    public async Task An_attack_is_refused(string name)
    {
        AttackCase attack = Cases.Single(one => one.Name == name);
        await using AttackStage stage = await AttackStage.OpenAsync();
        Assert.NotEmpty(await attack.Run(stage).WaitAsync(TimeSpan.FromMinutes(3)));
    }

    [Fact]
    public async Task Fuzzing_finds_no_crash_no_hang_and_no_growth()
    {
        using var said = new StringWriter();
        var run = new FuzzRun(20_000, seed: 7, corpus: null, said);
        await run.RunAsync(save: false).WaitAsync(TimeSpan.FromMinutes(5));
        Assert.True(run.Passed, said.ToString());
    }
}
