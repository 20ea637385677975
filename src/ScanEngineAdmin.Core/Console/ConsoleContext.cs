using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Applier;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Core.Running;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Core.Console;

/// <summary>What all parts of one running console share.</summary>
internal sealed class ConsoleContext(
    IConsoleStore store, Guid consoleId, NodeCertificate certificate, ConsoleNodeOptions options, BoundedLog log)
    : NodeContext(store, certificate, options.Channel, log)
{
    public IConsoleStore Store { get; } = store;

    public Guid ConsoleId { get; } = consoleId;

    public ConsoleNodeOptions Options { get; } = options;

    /// <summary>Which copy of this console it is.</summary>
    public long Generation { get; } = ConsoleGeneration.Read(store);

    /// <summary>Bounds the dials under way at once.</summary>
    public SemaphoreSlim DialGate { get; } = new(options.MaxDials, options.MaxDials);

    /// <summary>Where contacts go until they are written together.</summary>
    public required ContactWriter Contacts { get; init; }

    /// <summary>What is done for the store beside its use.</summary>
    public required StoreUpkeep Upkeep { get; init; }

    /// <summary>The engines, for the replacement of certificates; there before the first channel is.</summary>
    public ICertificatePeers Peers { get; set; } = null!;

    /// <summary>Where this host's firewall applier is asked.</summary>
    public required FirewallApplierClient Firewall { get; init; }

    /// <summary>One change at a time asks it to open: it answers one after the other.</summary>
    public SemaphoreSlim FirewallTurn { get; } = new(1, 1);

    /// <summary>Changes of direction that were made of the engines' own proposals lately.</summary>
    public AttemptCounter<Guid> Proposals { get; } = new(TimeSpan.FromHours(1), 65_536, options.Channel.Time);

    /// <summary>The port this console listens on, once it does.</summary>
    public int ListenPort { get; set; }

    /// <summary>
    /// Goes on evenly whatever is done to the clock, from an arbitrary beginning: for what is due, and nothing else.
    /// </summary>
    public DateTimeOffset Steady => DateTimeOffset.UnixEpoch + Time.GetElapsedTime(0);

    /// <summary>A steady time as the clock shows it now.</summary>
    public DateTimeOffset Shown(DateTimeOffset steady) => Now + (steady - Steady);

    public PeerHello Hello(HelloFacts facts) => new()
    {
        Role = NodeRole.Console,
        NodeId = ConsoleId,
        Name = Environment.MachineName,
        Product = ProductVersion.Text,
        BootId = BootId,
        Properties = (Generation == 0 ? facts : facts with { Generation = Generation }).ToProperties(),
    };

    public void Audit(
        string name, EngineRecord engine, string actor, string detail, AuditClass auditClass = AuditClass.Peer) =>
        Audit(engine.PairingId, engine.Name, name, actor, detail, auditClass);

    public override void Dispose()
    {
        DialGate.Dispose();
        FirewallTurn.Dispose();
        base.Dispose();
    }
}
