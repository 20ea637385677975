using ScanEngineAdmin.Faults.Fuzz;

namespace ScanEngineAdmin.Core.Tests.Security;

/// <summary>Attacks after which the process must have no more memory than before.</summary>
[Trait("Speed", "Slow")]
[Collection(nameof(Alone))]
public sealed class GrowthTests
{
    public static IEnumerable<object[]> Names() => AttackTests.Measured.Select(name => new object[] { name });

    [Theory]
    [MemberData(nameof(Names))]
    public Task An_attack_that_is_made_of_many_streams_is_refused(string name) => AttackTests.RefusedAsync(name);

    [Fact]
    public async Task Fuzzing_finds_no_crash_no_hang_and_no_growth()
    {
        using var said = new StringWriter();
        var run = new FuzzRun(20_000, seed: 7, corpus: null, said);
        await run.RunAsync(save: false).WaitAsync(TimeSpan.FromMinutes(5));
        Assert.True(run.Passed, said.ToString());
    }
}
