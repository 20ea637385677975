using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.NodeProcess;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Core.Engine;

/// <summary>What all parts of one running engine share.</summary>
internal sealed class EngineContext : NodeContext
{
    public EngineContext(string folder, IEngineStore store, EngineNodeOptions options, BoundedLog lines)
        : base(NodeRole.Engine, folder, store, options.Channel, lines)
    {
        Store = store;
        Options = options;
        Scans = new EngineScans(store, options, Lines);
    }

    public IEngineStore Store { get; }

    public EngineNodeOptions Options { get; }

    /// <summary>Held while the later copy of a console is remembered.</summary>
    public object Fence { get; } = new();

    /// <summary>The scans that run here.</summary>
    public EngineScans Scans { get; }

    public override IEnumerable<(ScanState State, int Count)> UnfinishedScans => Store.ListScans()
        .GroupBy(static scan => scan.State).Select(static scans => (scans.Key, scans.Count()))
        .Where(static scans => scans.Key is not (ScanState.Completed or ScanState.Failed or ScanState.Stopped));

    /// <summary>
    /// How this engine introduces itself to that console, and how it sees the direction between them.
    /// <paramref name="before"/>: to the console's previous address, while a move away from it is in doubt.
    /// </summary>
    public PeerHello Hello(ConsoleRecord? console, bool before = false) => Hello(
        console is { EngineName.Length: > 0 } ? console.EngineName : Environment.MachineName,
        new HelloFacts
        {
            PairingId = console?.PairingId,
            Direction = console?.Direction,
            Epoch = console?.Epoch,
            ChangeId = before ? null : console?.ChangeId,
            Doubt = before ? console?.ChangeId : null,
            Proposal = console?.ProposedDirection,
            ApplierRuns = console?.State is ConsoleState.Approved or ConsoleState.Paired ? Firewall.IsAlive : null,
        });

    public void Audit(
        string name, ConsoleRecord console, string actor, string detail, AuditClass auditClass = AuditClass.Peer) =>
        Audit(console.PairingId, console.Name, name, actor, detail, auditClass);
}
