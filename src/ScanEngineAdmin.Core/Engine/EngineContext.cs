using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Core.Reachability;
using ScanEngineAdmin.Core.Storage;

namespace ScanEngineAdmin.Core.Engine;

/// <summary>What all parts of one running engine share.</summary>
internal sealed class EngineContext(
    IEngineStore store, Guid engineId, NodeIdentity identity, EngineNodeOptions options, NodeLog log) : IDisposable
{
    public IEngineStore Store { get; } = store;

    public Guid EngineId { get; } = engineId;

    public NodeIdentity Identity { get; } = identity;

    public EngineNodeOptions Options { get; } = options;

    public required ChannelRuntime Runtime { get; init; }

    public required ChannelDialer Dialer { get; init; }

    /// <summary>The scans that run here.</summary>
    public required EngineScans Scans { get; init; }

    /// <summary>What this engine tells its consoles of the ways between them.</summary>
    public required ReachabilityDuty Reachability { get; init; }

    /// <summary>Where consoles arrive, while it listens.</summary>
    public ChannelListener? Listener { get; set; }

    public Guid BootId { get; } = Guid.NewGuid();

    public TimeProvider Time => Options.Channel.Time;

    public DateTimeOffset Now => Time.GetUtcNow();

    /// <summary>How this engine introduces itself to that console, and how it sees the direction between them.</summary>
    public PeerHello Hello(ConsoleRecord? console) => new()
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
            ChangeId = console?.ChangeId,
            Proposal = console?.ProposedDirection,
        }.ToProperties(),
    };

    public void Log(LogLevel level, string name, string message, params (string Key, string Value)[] fields) =>
        log(new LogEntry(Now, level, name, message, fields.ToDictionary(field => field.Key, field => field.Value)));

    public void Audit(string name, ConsoleRecord console, string actor, string detail) => Store.AddEvent(new AuditEvent
    {
        Time = Now,
        Event = name,
        PairingId = console.PairingId,
        Subject = console.Name,
        Actor = actor,
        Detail = detail,
    });

    public void Dispose()
    {
        Runtime.Dispose();
        Identity.Dispose();
        Store.Dispose();
    }
}
