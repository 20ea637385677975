using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Direction;
using ScanEngineAdmin.Core.Engines;
using ScanEngineAdmin.Core.Nodes;

namespace ScanEngineAdmin.Core.Console;

/// <summary>
/// Looks for a reverse engine that does not come. After a backup was restored, on either side, it may wait to be
/// dialled while this console waits for it, for ever. So an overdue one is dialled, seldom and seldomer: it says what it
/// believes, and that is settled. Nothing else depends on this dial, and its failure says nothing new.
/// </summary>
internal sealed class EngineLook(ConsoleContext node, EngineLink link, EngineDial dial)
{
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    private int _looks;
    private bool _wished;
    private DateTimeOffset? _due;

    /// <summary>It is there: should it be missed again, its time begins anew.</summary>
    public void Found() => (_looks, _due) = (0, null);

    /// <summary>Looks if it is time to, and says when it is again; null while there is nothing to look for.</summary>
    public async Task<TimeSpan?> StepAsync(EngineRecord engine, CancellationToken cancellationToken)
    {
        // An admin who wants it to be dialled from now on does not wait for the way in force to come back.
        OfflineWish? wish = node.Store.GetWish(link.PairingId);
        bool wished = wish?.Direction == CommunicationDirection.ConsoleToEngine;
        if (wished)
        {
            engine = engine with { Address = wish!.Address ?? engine.Address, Port = wish.Port ?? engine.Port };
        }

        if (engine.Direction != CommunicationDirection.EngineToConsole || link.Channels.Any
            || (engine.Address ?? engine.ObservedAddress) is null)
        {
            Found();
            return null;
        }

        if (wished != _wished)
        {
            _wished = wished;
            Found();
        }

        (TimeSpan interval, TimeSpan longest) = wished
            ? (node.Options.MinRetry, node.Options.MaxRetry)
            : (node.Options.LookInterval, Longest);
        _due ??= node.Steady + Backoff.Jitter(interval, Random.Shared);
        if (node.Steady >= _due)
        {
            try
            {
                await dial.DialAsync(engine, null, cancellationToken).ConfigureAwait(false);
                return TimeSpan.Zero;
            }
            catch (ChannelException exception)
            {
                node.Log(
                    LogLevel.Debug, "LookFailed", exception.Message, ("pairing", engine.PairingId.ToString("D")));
            }

            TimeSpan rest = Backoff.After(++_looks, 2 * interval, longest, Random.Shared);
            _due = node.Steady + (rest > interval ? rest : interval);
        }

        TimeSpan left = _due.Value - node.Steady;
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}
