using ScanEngineAdmin.Core.Engine;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Scanning.Targets;

namespace ScanEngineAdmin.Core.Tests.EndToEnd;

/// <summary>What the engine's admin allows is in force when it is said, also for what runs already.</summary>
[Trait("Speed", "Slow")]
public sealed class RunningPolicyTests
{
    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_scan_of_what_is_denied_from_now_on_ends_and_says_why(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        using var targets = new ScanTargets();
        ScanRecord scan = await targets.HeldAsync(pair);

        pair.Engine.SetPolicy(new TargetPolicy { Deny = ["127.0.0.0/8"] });

        ScanRecord ended = await pair.EndAsync(scan.ScanId);
        Assert.Equal((ScanState.Failed, ScanCause.Refused), (ended.State, ended.Cause));
        Assert.Contains("target policy", ended.Detail, StringComparison.Ordinal);
        await pair.LoggedAsync("PolicyApplied");
    }

    /// <summary>By the ring alone: no look is due, and what waits for any time at the engine waits for ever.</summary>
    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_policy_that_was_rung_for_holds_before_any_time_has_passed(CommunicationDirection way)
    {
        var time = new LeapTime();
        await using NodePair pair = await NodePair.ActiveAsync(
            way, null, engine => engine with { Channel = NodePair.Patient with { Time = time } });
        using var targets = new ScanTargets();
        await targets.HeldAsync(pair);
        await pair.UntilEngineStoreAsync(() => $"{targets.Open} open", static open => open == "1 open");
        time.Stand();

        pair.Engine.SetPolicy(new TargetPolicy { Deny = ["127.0.0.0/8"] });

        await pair.UntilEngineStoreAsync(() => $"{targets.Open} open", static open => open == "0 open");
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_policy_that_no_doorbell_told_of_reaches_what_runs_all_the_same(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        using var targets = new ScanTargets();
        ScanRecord scan = await targets.HeldAsync(pair);

        EnginePolicy.Save(pair.Engine.Store, new TargetPolicy { Deny = ["127.0.0.0/8"] });

        Assert.Equal(ScanState.Failed, (await pair.EndAsync(scan.ScanId)).State);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_scan_goes_on_under_a_policy_that_lets_it_and_finds_everything_once(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        using var targets = new ScanTargets();
        ScanRecord scan = await targets.HeldAsync(pair);
        await targets.StepAsync(pair, scan);

        // One that comes while the one before is put in force may be put in force with it.
        foreach (int rate in new[] { 200, 0, 500 })
        {
            pair.Engine.SetPolicy(new TargetPolicy { MaxRate = rate, Deny = ["192.0.2.0/24"] });
            await pair.LoggedAsync("PolicyApplied");
            await targets.StepAsync(pair, scan);
        }

        ScanRecord done = await targets.CompletedAsync(pair, scan);
        Assert.Equal(1, done.Attempt);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task What_is_not_about_scans_interrupts_none(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        using var targets = new ScanTargets();
        ScanRecord scan = await targets.HeldAsync(pair);

        pair.Engine.SetPolicy(pair.Engine.GetPolicy());
        pair.Engine.CreateSecret(TimeSpan.FromMinutes(1), null, singleUse: true);
        await targets.StepAsync(pair, scan);

        Assert.DoesNotContain(pair.Log, entry => entry.Event == "PolicyApplied");
        await targets.CompletedAsync(pair, scan);
    }
}
