using ScanEngineAdmin.Core.Console;
using ScanEngineAdmin.Core.Directions;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Core.Tests.EndToEnd;

/// <summary>A change of direction whose proof takes all of its time; that time ends when the test says so.</summary>
internal sealed class LateProof
{
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(47);
    private readonly HeldTime _time = new(Length);

    /// <summary>For the console that makes the change.</summary>
    public ConsoleNodeOptions Of(ConsoleNodeOptions options) =>
        options with { Channel = options.Channel with { Time = _time } };

    /// <summary>Starts the change; its time does not run yet.</summary>
    public static Task<FirewallPlan> Start(NodePair pair, DirectionChangeRequest request) =>
        pair.Console.Direction.ChangeAsync(
            pair.PairingId, request with { Timeout = Length }, null, CancellationToken.None);

    public async Task<ScanEngineException> FailedAsync(NodePair pair, DirectionChangeRequest request)
    {
        Task<FirewallPlan> change = Start(pair, request);
        await ProvingAsync(pair);
        _time.Pass();
        return await Assert.ThrowsAsync<ScanEngineException>(() => change.WaitAsync(NodePair.Patience));
    }

    /// <summary>The time of the change ends while it waits for its proof.</summary>
    public async Task EndAsync(NodePair pair)
    {
        await ProvingAsync(pair);
        _time.Pass();
    }

    /// <summary>A console that was restarted does not go on to the proof: it takes the change back.</summary>
    private static async Task ProvingAsync(NodePair pair) =>
        await pair.UntilChangeAsync(change => change.State == ChangeState.Proving || change.IsDecided);
}
