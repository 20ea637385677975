using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Core.Engine;

/// <summary>An engine's consoles, for the replacement of certificates.</summary>
internal sealed class EngineCertificates(EngineContext node, ConsoleLinks ways) : ICertificatePeers
{
    public static IReadOnlyList<PairedNode> Peers(IEngineStore store) => store.ListConsoles().Select(Of).ToList();

    public IReadOnlyList<PairedNode> List() => Peers(node.Store);

    public PairedNode? Get(Guid pairingId) => node.Store.GetConsole(pairingId) is { } console ? Of(console) : null;

    public IReadOnlyList<PeerChannel> Channels(Guid pairingId) => ways.FindSession(pairingId)?.Channels.Open ?? [];

    public void ChangePins(Guid pairingId, Func<IReadOnlyList<Fingerprint>, IReadOnlyList<Fingerprint>> change)
    {
        node.Store.UpdateConsole(pairingId, console => console.State == ConsoleState.Paired
            ? console with { Pins = change(console.Pins) }
            : console);
        ways.Wake();
    }

    public void Redial(Guid pairingId) => ways.Redial(pairingId);

    public void Log(LogLevel level, string name, string message, Guid? pairingId = null) =>
        node.LogPeer(pairingId, level, name, message);

    private static PairedNode Of(ConsoleRecord console) => new()
    {
        PairingId = console.PairingId,
        NodeId = console.ConsoleId,
        Name = console.Name.Length > 0 ? console.Name : console.Address ?? string.Empty,
        IsPaired = console.State == ConsoleState.Paired,
        IsUnderWay = console.State == ConsoleState.Approved,
        Pins = console.Pins,
        Since = console.FirstSeen,
        LastContact = console.LastSeen,
    };
}
