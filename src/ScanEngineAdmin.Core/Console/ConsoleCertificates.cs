using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Core.Console;

/// <summary>A console's engines, for the replacement of certificates.</summary>
internal sealed class ConsoleCertificates(ConsoleContext node, EngineLinks links) : ICertificatePeers
{
    public static IReadOnlyList<PairedNode> Peers(IConsoleStore store) => store.ListEngines().Select(Of).ToList();

    public IReadOnlyList<PairedNode> List() => Peers(node.Store);

    public PairedNode? Get(Guid pairingId) => node.Store.GetEngine(pairingId) is { } engine ? Of(engine) : null;

    public IReadOnlyList<PeerChannel> Channels(Guid pairingId) => links.Find(pairingId)?.Channels.Open ?? [];

    public void ChangePins(Guid pairingId, Func<IReadOnlyList<Fingerprint>, IReadOnlyList<Fingerprint>> change)
    {
        node.Store.UpdateEngine(pairingId, engine => engine.State == EngineState.Paired
            ? engine with { Pins = change(engine.Pins) }
            : engine);
        links.Ring();
    }

    public void Redial(Guid pairingId) => links.Find(pairingId)?.Redial();

    public void Log(LogLevel level, string name, string message, Guid? pairingId = null) =>
        node.LogPeer(pairingId, level, name, message);

    private static PairedNode Of(EngineRecord engine) => new()
    {
        PairingId = engine.PairingId,
        NodeId = engine.EngineId,
        Name = engine.Name,
        IsPaired = engine.State == EngineState.Paired,
        IsUnderWay = engine.State == EngineState.Registered,
        Pins = engine.Pins,
        Since = engine.Registered,
        LastContact = engine.LastContact,
    };
}
