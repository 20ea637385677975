using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;

namespace ScanEngineAdmin.Core.Console;

/// <summary>
/// The channels to an engine whose direction changes: its present way, its new way, or whichever opens. The console
/// dials where the engine may listen, and waits where the engine polls.
/// </summary>
internal sealed class ChangeChannels(ConsoleContext node, EngineLink link, EngineDialer dial)
{
    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(500);

    /// <summary>What the last dial or channel failed with; null once a stage was done.</summary>
    public ChannelException? LastFault { get; set; }

    /// <summary>A channel that is open now, or the next one over the engine's present way.</summary>
    public async Task<LinkChannel> PresentAsync(EngineRecord engine, CancellationToken cancellationToken)
    {
        while (engine.Direction == CommunicationDirection.ConsoleToEngine && !link.Channels.Any)
        {
            if (await DialsAsync(engine, null, cancellationToken).ConfigureAwait(false))
            {
                break;
            }
        }

        return await link.Channels.WaitAsync(_ => true, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A round trip over a channel that was opened the new way under this change.</summary>
    public async Task ProveAsync(EngineRecord engine, ChangeRecord change, CancellationToken cancellationToken)
    {
        while (change.To == CommunicationDirection.ConsoleToEngine
            && !await DialsAsync(engine, change, cancellationToken).ConfigureAwait(false))
        {
        }

        while (true)
        {
            LinkChannel proved = await link.Channels.WaitAsync(
                entry => entry.Way == change.To && entry.Facts.ChangeId == change.ChangeId, cancellationToken)
                    .ConfigureAwait(false);
            try
            {
                await proved.Channel.PingAsync(cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (ChannelException exception)
            {
                LastFault = exception;
                link.Channels.Remove(proved);
            }
        }
    }

    /// <summary>The channel was cut under a request: the next one is waited for, in its time.</summary>
    public async Task CutAsync(LinkChannel channel, ChannelException fault, CancellationToken cancellationToken)
    {
        LastFault = fault;
        link.Channels.Remove(channel);
        await RestAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The first channel that opens, either way, for as long as it takes.</summary>
    public async Task<LinkChannel> AnyAsync(
        EngineRecord engine, ChangeRecord change, int failures, CancellationToken cancellationToken)
    {
        while (true)
        {
            if ((change.Address ?? engine.Address ?? engine.ObservedAddress) is not null)
            {
                await DialsAsync(engine, change, cancellationToken).ConfigureAwait(false);
            }

            TimeSpan wait = Backoff.After(++failures, node.Options.MinRetry, node.Options.MaxRetry, Random.Shared);
            using var time = new CancellationTokenSource(wait, node.Time);
            using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, time.Token);
            try
            {
                return await link.Channels.WaitAsync(_ => true, bound.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // Neither way is open yet.
            }
        }
    }

    public Task RestAsync(CancellationToken cancellationToken) => Task.Delay(Retry, node.Time, cancellationToken);

    private async Task<bool> DialsAsync(
        EngineRecord engine, ChangeRecord? change, CancellationToken cancellationToken)
    {
        try
        {
            await dial.DialAsync(engine, change, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (ChannelException exception)
        {
            LastFault = exception;
            await RestAsync(cancellationToken).ConfigureAwait(false);
            return false;
        }
    }
}
