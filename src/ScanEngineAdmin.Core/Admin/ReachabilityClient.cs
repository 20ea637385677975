using ScanEngineAdmin.Core.Diagnosis;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Core.Admin;

/// <summary>
/// The asking side, in an admin's session: writes the question, rings, waits for the answer, clears up.
/// </summary>
internal sealed class ReachabilityClient(INodeStore store, NodeClient client, string folder)
{
    // Over the dialling itself: the ring, the request there and back, a look at two filters.
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(15);

    private readonly ReachabilityMailbox _mailbox = new(store);

    public async Task<ReachabilityAnswer> AskAsync(ReachabilityQuestion question, CancellationToken cancellationToken)
    {
        if (!client.IsRunning)
        {
            return NotAsked("No node runs on this host's data folder, so there is no channel to ask over.");
        }

        ReachabilityQuestion asked = question with { AskedUnixMs = client.Time.GetUtcNow().ToUnixTimeMilliseconds() };
        try
        {
            _mailbox.Ask(asked);
            await Doorbell.RingAsync(folder, cancellationToken).ConfigureAwait(false);
            string? text = await client.WatchAsync(
                () => _mailbox.Answer(asked),
                static answer => answer.Length > 0,
                TimeSpan.FromMilliseconds(asked.TimeoutMs) + Margin,
                null,
                cancellationToken).ConfigureAwait(false);
            return (text is null ? null : ReachabilityMailbox.Read<ReachabilityAnswer>(text))
                ?? NotAsked("The node on this host did not answer in time.");
        }
        finally
        {
            _mailbox.Remove(asked);
        }
    }

    /// <summary>What an engine says of its host's filter; null when it could not be asked.</summary>
    public async Task<HostFirewallFacts?> AskFirewallAsync(EngineRecord engine, CancellationToken cancellationToken) =>
        (await AskAsync(
            new ReachabilityQuestion
            {
                QuestionId = Guid.NewGuid(),
                PairingId = engine.PairingId,
                Direction = engine.Direction,
                Port = engine.Port,
                WithinSeconds = 1,
                Probe = false,
                Firewall = true,
                TimeoutMs = 0,
                AskedUnixMs = 0,
            },
            cancellationToken).ConfigureAwait(false)).Firewall;

    private ReachabilityAnswer NotAsked(string why) => new()
    {
        NotAsked = why,
        AnsweredUnixMs = client.Time.GetUtcNow().ToUnixTimeMilliseconds(),
    };
}
