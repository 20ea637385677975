using ScanEngineAdmin.Channel;

namespace ScanEngineAdmin.Core.NodeProcess;

/// <summary>
/// Bounds the channels of one pairing that no session counts: probes, and those whose first round trip is not made. A
/// paired peer could open any number of them otherwise, each with the memory of a channel.
/// </summary>
internal sealed class ChannelSlots(TimeProvider time)
{
    public const int PerPairing = 8;

    /// <summary>How long a probe may stay; long enough for what is asked over one.</summary>
    private static readonly TimeSpan ProbeLimit = TimeSpan.FromSeconds(60);

    private readonly Dictionary<Guid, int> _open = [];

    public static Refusal Full { get; } = new(
        RefusalCode.Busy, "This pairing has too many channels that do nothing.", TimeSpan.FromSeconds(5));

    public bool TryTake(Guid pairingId)
    {
        lock (_open)
        {
            int open = _open.GetValueOrDefault(pairingId);
            if (open >= PerPairing)
            {
                return false;
            }

            _open[pairingId] = open + 1;
            return true;
        }
    }

    public void Give(Guid pairingId)
    {
        lock (_open)
        {
            int left = _open.GetValueOrDefault(pairingId) - 1;
            if (left > 0)
            {
                _open[pairingId] = left;
            }
            else
            {
                _open.Remove(pairingId);
            }
        }
    }

    /// <summary>Welcomes a probe; its slot is given back when it ends, which it does in time.</summary>
    public async Task WelcomeProbeAsync(
        IncomingPeer peer, Guid pairingId, PeerHello hello, IPeerHandler inner, CancellationToken cancellationToken)
    {
        PeerChannel? channel = null;
        try
        {
            channel = await peer.WelcomeAsync(hello, new ProbeHandler(inner), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (channel is null)
            {
                Give(pairingId);
            }
        }

        _ = EndAsync(pairingId, channel);
    }

    private async Task EndAsync(Guid pairingId, PeerChannel channel)
    {
        try
        {
            await channel.Completion.WaitAsync(ProbeLimit, time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            await channel.CloseAsync(RefusalCode.Unspecified, "The probe's time is over.").ConfigureAwait(false);
        }
        finally
        {
            Give(pairingId);
        }
    }
}
