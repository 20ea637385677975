using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Faults;

namespace ScanEngineAdmin.Core.Pairing;

/// <summary>Dials the maker of a secret from an admin's session, and pairs.</summary>
internal static class SecretDial
{
    /// <exception cref="ScanEngineException">Everything that can go wrong, in an admin's terms.</exception>
    internal static async Task<PairedPeer> PairAsync(
        PairingSelf self,
        NodeIdentity identity,
        IPairingLedger ledger,
        PairingSecret secret,
        string engineName,
        (string Address, int Port) maker,
        TimeProvider time,
        HttpProxy? proxy,
        CancellationToken cancellationToken)
    {
        var target = new DialTarget(maker.Address, maker.Port, [secret.Maker]);
        var hello = new PeerHello
        {
            Role = self.Role,
            NodeId = self.NodeId,
            Name = self.Name,
            Product = self.Product,
        };
        using var runtime = new ChannelRuntime(ChannelOptions.Default with { Time = time, Proxy = proxy });
        try
        {
            PairingConnection connection = await new ChannelDialer(identity, runtime)
                .OpenPairingAsync(target, hello, cancellationToken).ConfigureAwait(false);
            await using (connection.ConfigureAwait(false))
            {
                return await new PairingUser(self, ledger).PairAsync(
                    new DialledPairing(connection), secret, engineName, target, cancellationToken)
                        .ConfigureAwait(false);
            }
        }
        catch (ChannelException e)
        {
            throw ChannelFaults.ToError(e, engineName);
        }
    }
}
