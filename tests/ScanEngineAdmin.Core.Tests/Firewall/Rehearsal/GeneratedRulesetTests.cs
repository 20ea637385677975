using ScanEngineAdmin.Faults.Rulesets;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Firewall.Rehearsal;

/// <summary>
/// A few generated filters, always the same, so that the gate notices when it breaks. Many are
/// <c>dotnet run --project tests/ScanEngineAdmin.Faults -- rulesets</c>.
/// </summary>
[Trait("Speed", "Slow")]
public sealed class GeneratedRulesetTests(ITestOutputHelper output)
{
    [Fact, NeedsNamespace("iptables-nft", "iptables-legacy", "ipset", "nsenter", "timeout")]
    public async Task What_is_said_of_a_generated_filter_is_what_really_happens()
    {
        using var host = new RulesetHost();
        var tally = new RulesetTally();
        var trial = new RulesetTrial(host, output.WriteLine);
        for (int seed = 1; seed <= 15; seed++)
        {
            await trial.RunAsync(RulesetGenerator.Make(seed), tally);
        }

        Assert.True(tally.Passed, tally.ToString());
        Assert.InRange(tally.Sets, 8, 15);
        Assert.True(tally.Unknown < tally.Questions / 3, tally.ToString());
    }
}
