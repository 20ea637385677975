using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Applier;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Core.Running;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Core.Engine;

/// <summary>What all parts of one running engine share.</summary>
internal sealed class EngineContext(
    IEngineStore store, Guid engineId, NodeCertificate certificate, EngineNodeOptions options, BoundedLog log)
    : NodeContext(store, certificate, options.Channel, log)
{
    public IEngineStore Store { get; } = store;

    public Guid EngineId { get; } = engineId;

    public EngineNodeOptions Options { get; } = options;

    /// <summary>Held while it is judged which copy of a console is the later one.</summary>
    public object Fence { get; } = new();

    /// <summary>The scans that run here.</summary>
    public required EngineScans Scans { get; init; }

    /// <summary>Where this host's firewall applier is asked.</summary>
    public required FirewallApplierClient Firewall { get; init; }

    /// <summary>
    /// How this engine introduces itself to that console, and how it sees the direction between them.
    /// <paramref name="before"/>: at the address of before a move that it is in doubt about.
    /// </summary>
    public PeerHello Hello(ConsoleRecord? console, bool before = false) => new()
    {
        Role = NodeRole.Engine,
        NodeId = EngineId,
        Name = console is { EngineName.Length: > 0 } ? console.EngineName : Environment.MachineName,
        Product = ProductVersion.Text,
        BootId = BootId,
        Properties = new HelloFacts
        {
            PairingId = console?.PairingId,
            Direction = console?.Direction,
            Epoch = console?.Epoch,
            ChangeId = before ? null : console?.ChangeId,
            Doubt = before ? console?.ChangeId : null,
            Proposal = console?.ProposedDirection,
            ApplierRuns = console?.State is ConsoleState.Approved or ConsoleState.Paired ? Firewall.IsAlive : null,
        }.ToProperties(),
    };

    public void Audit(
        string name, ConsoleRecord console, string actor, string detail, AuditClass auditClass = AuditClass.Peer) =>
        Audit(console.PairingId, console.Name, name, actor, detail, auditClass);
}
