using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Core.Tests.EndToEnd;

[Trait("Speed", "Slow")]
public sealed class CutChangeTests
{
    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_change_whose_channel_is_cut_while_it_prepares_goes_on_over_the_next(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        using var targets = new ScanTargets();

        // So the link has reconciled: it would wait for the answer to that over the silent channel, and begin no
        // change.
        await targets.RunAsync(pair);
        pair.On(way).Silence();
        Task<FirewallPlan> changing = pair.ChangeAsync(Ways.Other(way));
        await pair.UntilChangeAsync(change => change.State == ChangeState.Preparing);

        pair.On(way).Cut();
        pair.On(way).Speak();

        FirewallPlan changed = await changing;
        Assert.Equal((ChangeState.Committed, 1L), (changed.State, changed.Epoch));
        Assert.Single(pair.Console.Store.ListChanges(pair.PairingId));
        await targets.RunAsync(pair);
    }
}
