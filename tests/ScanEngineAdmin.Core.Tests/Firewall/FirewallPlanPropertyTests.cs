using FsCheck;
using FsCheck.Fluent;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Core.Tests.Firewall;

public sealed class FirewallPlanPropertyTests
{
    [Theory]
    [InlineData(FirewallProvider.Nftables)]
    [InlineData(FirewallProvider.Nftables, NodeRole.Console)]
    [InlineData(FirewallProvider.Nftables, NodeRole.Engine)]
    [InlineData(FirewallProvider.Nftables, NodeRole.Console, NodeRole.Engine)]
    [InlineData(FirewallProvider.Ufw)]
    [InlineData(FirewallProvider.Ufw, NodeRole.Console)]
    [InlineData(FirewallProvider.Ufw, NodeRole.Engine)]
    [InlineData(FirewallProvider.Ufw, NodeRole.Console, NodeRole.Engine)]
    [InlineData(FirewallProvider.Firewalld, NodeRole.Console, NodeRole.Engine)]
    public void Any_sequence_of_changes_leaves_exactly_the_rules_the_final_directions_need(
        FirewallProvider provider, params NodeRole[] denyOutbound)
    {
        Gen<int[]> steps = Gen.Choose(0, (FirewallFleetModel.EngineCount * 4) - 1).ArrayOf();
        Gen<int> starts = Gen.Choose(0, (1 << FirewallFleetModel.EngineCount) - 1);
        Arbitrary<(int Start, int[] Steps)> stories =
            (from start in starts from taken in steps select (start, taken)).ToArbitrary();

        Prop.ForAll(stories, story =>
        {
            var fleet = new FirewallFleetModel(provider, denyOutbound, Directions(story.Start));
            foreach (int step in story.Steps)
            {
                CommunicationDirection to = (step & 1) == 0
                    ? CommunicationDirection.ConsoleToEngine
                    : CommunicationDirection.EngineToConsole;
                fleet.Change(step / 4, to, commits: (step & 2) == 0);
                fleet.AssertExact();
            }
        }).QuickCheckThrowOnFailure();
    }

    private static CommunicationDirection[] Directions(int bits) =>
        [.. Enumerable.Range(0, FirewallFleetModel.EngineCount).Select(i => (bits >> i & 1) == 0
            ? CommunicationDirection.ConsoleToEngine
            : CommunicationDirection.EngineToConsole)];
}
