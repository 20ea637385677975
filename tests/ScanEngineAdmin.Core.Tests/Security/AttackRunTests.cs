using ScanEngineAdmin.Faults.Attack;

namespace ScanEngineAdmin.Core.Tests.Security;

/// <summary>The program of all attacks: what fails is a case, and the others run.</summary>
[Trait("Speed", "Slow")]
public sealed class AttackRunTests
{
    [Fact]
    public async Task A_stage_that_fails_fails_its_case_and_no_other()
    {
        int stages = 0;
        var ran = new List<string>();
        AttackCase Case(string name, Func<string> run) => new(name, stage =>
        {
            ran.Add(name);
            return Task.FromResult(run());
        });

        bool passed = await AttackRun.AllAsync(
            [
                Case("has no stage", () => "refused"),
                Case("gets through", () => throw new AttackException("let in")),
                Case("is refused", () => "refused"),
            ],
            () => stages++ == 0 ? throw new IOException("no stage") : AttackStage.OpenAsync(AttackStage.Patient));

        Assert.False(passed);
        Assert.Equal((3, "gets through, is refused"), (stages, string.Join(", ", ran)));
    }
}
