using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Nodes;

namespace ScanEngineAdmin.Core.Certificates;

/// <summary>Dials a peer with the identity it is held to know, and with the other where it does not.</summary>
internal static class CertificateDial
{
    public static async Task<PeerChannel> OpenAsync(
        ChannelDialer dialer,
        IReadOnlyList<NodeIdentity> identities,
        DialTarget target,
        PeerHello hello,
        IPeerHandler handler,
        CancellationToken cancellationToken)
    {
        for (int at = 0; ; at++)
        {
            try
            {
                NodeIdentity shown = identities[at];
                return await NodeMetrics.DialAsync(
                    hello.Role,
                    () => dialer.OpenChannelAsync(shown, target, hello, handler, cancellationToken))
                    .ConfigureAwait(false);
            }
            catch (ChannelException exception) when (
                exception.Refusal?.Code == RefusalCode.IdentityConflict && at + 1 < identities.Count)
            {
                // It lost what it had acknowledged (a backup), or was paired with the other one.
            }
        }
    }
}
