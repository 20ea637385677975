using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Core.Tests.EndToEnd;

/// <summary>The engine's admin denies a console that is connected.</summary>
[Trait("Speed", "Slow")]
public sealed class DeniedTests
{
    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task It_is_shown_at_once_with_its_cause_and_is_over_when_he_approves_it(CommunicationDirection way)
    {
        // Nothing is overdue in the time of this test: only the denial itself can tell.
        await using NodePair pair = await NodePair.ActiveAsync(
            way, console => console with { Grace = TimeSpan.FromHours(1), ProbeInterval = TimeSpan.FromHours(1) });

        pair.Engine.DenyConsole(pair.PairingId);

        EngineRecord denied = await pair.UntilConsoleAsync(now => now.Status != CommunicationStatus.Active);
        Assert.Equal(CommunicationStatus.NotResponding, denied.Status);
        Assert.StartsWith("PairingDenied: ", denied.StatusDetail, StringComparison.Ordinal);
        Assert.Contains("admin denied", denied.StatusDetail, StringComparison.Ordinal);

        pair.Engine.ApproveConsole(pair.PairingId, pair.ConsoleNode!.Fingerprint);
        using var targets = new ScanTargets();
        ScanRecord done = await targets.RunAsync(pair);
        Assert.Equal(ScanState.Completed, done.State);
        await pair.ActiveAsync();
    }
}
