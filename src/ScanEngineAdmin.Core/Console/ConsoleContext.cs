using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Engines;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Core.Reachability;
using ScanEngineAdmin.Core.Storage;

namespace ScanEngineAdmin.Core.Console;

/// <summary>What all parts of one running console share.</summary>
internal sealed class ConsoleContext(
    IConsoleStore store, Guid consoleId, NodeIdentity identity, ConsoleNodeOptions options, NodeLog log) : IDisposable
{
    public IConsoleStore Store { get; } = store;

    public Guid ConsoleId { get; } = consoleId;

    public NodeIdentity Identity { get; } = identity;

    public ConsoleNodeOptions Options { get; } = options;

    public Guid BootId { get; } = Guid.NewGuid();

    public required ChannelRuntime Runtime { get; init; }

    public required ChannelDialer Dialer { get; init; }

    public TimeProvider Time => Options.Channel.Time;

    /// <summary>Bounds the dials under way at once.</summary>
    public SemaphoreSlim DialGate { get; } = new(options.MaxDials, options.MaxDials);

    /// <summary>Where contacts go until they are written together.</summary>
    public required ContactWriter Contacts { get; init; }

    /// <summary>What this console tells its engines of the ways between them.</summary>
    public required ReachabilityDuty Reachability { get; init; }

    /// <summary>Where engines arrive, once it listens.</summary>
    public ChannelListener? Listener { get; set; }

    /// <summary>The port this console listens on, once it does.</summary>
    public int ListenPort { get; set; }

    public DateTimeOffset Now => Time.GetUtcNow();

    public PeerHello Hello(HelloFacts facts) => new()
    {
        Role = NodeRole.Console,
        NodeId = ConsoleId,
        Name = Environment.MachineName,
        Product = ProductVersion.Text,
        BootId = BootId,
        Properties = facts.ToProperties(),
    };

    public void Log(LogLevel level, string name, string message, params (string Key, string Value)[] fields) =>
        log(new LogEntry(Now, level, name, message, fields.ToDictionary(field => field.Key, field => field.Value)));

    public void Audit(string name, EngineRecord engine, string actor, string detail) => Store.AddEvent(new AuditEvent
    {
        Time = Now,
        Event = name,
        PairingId = engine.PairingId,
        Subject = engine.Name,
        Actor = actor,
        Detail = detail,
    });

    public void Dispose()
    {
        Runtime.Dispose();
        DialGate.Dispose();
        Identity.Dispose();
        Store.Dispose();
    }
}
