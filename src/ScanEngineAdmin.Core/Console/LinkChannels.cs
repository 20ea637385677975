using ScanEngineAdmin.Core.NodeProcess;
using ScanEngineAdmin.Domain.Directions;

namespace ScanEngineAdmin.Core.Console;

/// <summary>The open channels to one engine.</summary>
internal sealed class LinkChannels : PeerChannels<LinkChannel>
{
    /// <summary>
    /// The engine sends scan data over the channel that was reconciled last: whoever goes back to an earlier one has to
    /// reconcile over that one again.
    /// </summary>
    public void ReconcileOver(LinkChannel chosen) =>
        FindAll(entry => entry != chosen).ForEach(entry => entry.Synced = false);

    /// <summary>The channel to work over: of the direction in force, else whatever is open.</summary>
    public LinkChannel? Best(CommunicationDirection direction) =>
        Find(entry => entry.Way == direction) ?? Find(_ => true);
}
