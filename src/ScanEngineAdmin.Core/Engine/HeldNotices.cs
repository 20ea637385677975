using System.Diagnostics.CodeAnalysis;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.Nodes;

namespace ScanEngineAdmin.Core.Engine;

/// <summary>
/// Tells a console which of its scans a full spool holds, so that its admin sees why they do not go on. Beside the scan
/// data, which may wait for the console; repeated at each look while it lasts, as a notice that comes amid a
/// reconciliation may be lost.
/// </summary>
internal sealed class HeldNotices(
    EngineContext node, Guid pairingId, PeerChannel channel, CancellationToken stopping)
{
    private readonly AsyncSignal _look = new(node.Options.StoreCheck / 2);
    private readonly HashSet<(Guid ScanId, int Attempt)> _reported = [];

    public void Wake() => _look.Set();

    /// <summary>Until the channel ends, or another takes over.</summary>
    public async Task RunAsync()
    {
        try
        {
            while (!channel.Completion.IsCompleted && HelloFacts.From(channel.Peer.Hello).ScanTerms)
            {
                IReadOnlyList<(Guid ScanId, int Attempt)> held = node.Scans.Runs.Held(pairingId);
                _reported.UnionWith(held);
                foreach ((Guid ScanId, int Attempt) scan in _reported.ToList())
                {
                    await TellAsync(scan, held.Contains(scan)).ConfigureAwait(false);
                }

                await _look.WaitAsync(node.Options.StoreCheck, channel.Completion, node.Time, stopping)
                    .ConfigureAwait(false);
            }
        }
        catch (Exception) when (stopping.IsCancellationRequested)
        {
            // Another channel takes over, or the engine stops.
        }
    }

    [SuppressMessage(
        "Design",
        "CA1031:Do not catch general exception types",
        Justification = "What is not said now is said later, and never keeps the data.")]
    private async Task TellAsync((Guid ScanId, int Attempt) scan, bool held)
    {
        try
        {
            await channel.AskAsync<Done>(
                Methods.ScanHeld,
                new ScanHeld { ScanId = scan.ScanId, Attempt = scan.Attempt, Held = held },
                stopping).ConfigureAwait(false);
            if (!held)
            {
                _reported.Remove(scan);
            }
        }
        catch (Exception) when (!stopping.IsCancellationRequested)
        {
            // Said again at the next look, or over the next channel.
        }
    }
}
