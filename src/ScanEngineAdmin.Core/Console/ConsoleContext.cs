using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.NodeProcess;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Core.Console;

/// <summary>What all parts of one running console share.</summary>
internal sealed class ConsoleContext(string folder, IConsoleStore store, ConsoleNodeOptions options, BoundedLog lines)
    : NodeContext(NodeRole.Console, folder, store, options.Channel, lines)
{
    private volatile bool _isBlackedOut;

    public IConsoleStore Store { get; } = store;

    public ConsoleNodeOptions Options { get; } = options;

    public override IEnumerable<(ScanState State, int Count)> UnfinishedScans => Store.ListScans(unfinishedOnly: true)
        .GroupBy(static scan => scan.State).Select(static scans => (scans.Key, scans.Count()));

    /// <summary>Which copy of this console it is.</summary>
    public long Generation { get; } = ConsoleGeneration.Read(store);

    /// <summary>Bounds the dials under way at once.</summary>
    public SemaphoreSlim DialGate { get; } = new(options.MaxDials, options.MaxDials);

    /// <summary>Where contacts go until they are written together.</summary>
    public ContactWriter Contacts { get; } = new(store, options.Channel.Time, options.ContactRefresh / 12);

    /// <summary>The engines, for the replacement of certificates; there before the first channel is.</summary>
    public ICertificatePeers Peers { get; set; } = null!;

    /// <summary>The scans of pools; there before the first channel is.</summary>
    public PoolScans Pools { get; set; } = null!;

    /// <summary>One change at a time asks it to open: it answers one after the other.</summary>
    public SemaphoreSlim FirewallTurn { get; } = new(1, 1);

    /// <summary>Changes of direction that were made of the engines' own proposals lately.</summary>
    public AttemptCounter<Guid> Proposals { get; } = new(TimeSpan.FromHours(1), 65_536, options.Channel.Time);

    /// <summary>Whether a maintenance window of the whole console lasts: no scan is started.</summary>
    public bool IsBlackedOut
    {
        get => _isBlackedOut;
        set => _isBlackedOut = value;
    }

    /// <summary>The port this console listens on, once it does.</summary>
    public int ListenPort { get; set; }

    /// <summary>
    /// Goes on evenly whatever is done to the clock, from an arbitrary beginning: for what is due, and nothing else.
    /// </summary>
    public DateTimeOffset Steady => DateTimeOffset.UnixEpoch + Time.GetElapsedTime(0);

    /// <summary>A steady time as the clock shows it now.</summary>
    public DateTimeOffset Shown(DateTimeOffset steady) => Now + (steady - Steady);

    public PeerHello Hello(HelloFacts facts) => Hello(
        Environment.MachineName, Generation == 0 ? facts : facts with { Generation = Generation });

    public void Audit(
        string name, EngineRecord engine, string actor, string detail, AuditClass auditClass = AuditClass.Peer) =>
        Audit(engine.PairingId, engine.Name, name, actor, detail, auditClass);

    /// <summary>The note alone, for what is written together with it.</summary>
    public AuditEvent Note(
        string name, EngineRecord engine, string actor, string detail, AuditClass auditClass = AuditClass.Peer) =>
        Note(engine.PairingId, engine.Name, name, actor, detail, auditClass);

    public override void Dispose()
    {
        DialGate.Dispose();
        FirewallTurn.Dispose();
        base.Dispose();
    }
}
