using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Engines;
using ScanEngineAdmin.Core.Firewall.Requests;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Core.Pairing;
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

    /// <summary>Wrong secrets, counted over all connections.</summary>
    public SecretAttempts SecretAttempts { get; } = new(options.Channel.Time);

    /// <summary>What strangers may make this node write down.</summary>
    public StrangerNotes Strangers { get; } = new(options.Channel.Time);

    /// <summary>Channels that are open without being a session's: probes, and those not yet attached.</summary>
    public ChannelSlots Slots { get; } = new(options.Channel.Time);

    public required ChannelRuntime Runtime { get; init; }

    public required ChannelDialer Dialer { get; init; }

    public TimeProvider Time => Options.Channel.Time;

    /// <summary>Bounds the dials under way at once.</summary>
    public SemaphoreSlim DialGate { get; } = new(options.MaxDials, options.MaxDials);

    /// <summary>Where contacts go until they are written together.</summary>
    public required ContactWriter Contacts { get; init; }

    /// <summary>What this console tells its engines of the ways between them.</summary>
    public required ReachabilityDuty Reachability { get; init; }

    /// <summary>Where this host's firewall applier is asked.</summary>
    public required FirewallDesk Firewall { get; init; }

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

    /// <summary>About a stranger: bounded, and what was left out is said with the next line.</summary>
    public void LogStranger(IPAddress address, string name, string message, params (string Key, string Value)[] fields)
    {
        if (Strangers.MayLog(address, out long leftOut))
        {
            Log(
                LogLevel.Warning,
                name,
                leftOut == 0 ? message : $"{message} ({leftOut} more lines about strangers were left out.)",
                fields);
        }
    }

    /// <summary>Somebody who is not let in.</summary>
    public void Refused(IncomingPeer peer, Refusal refusal)
    {
        LogStranger(
            peer.Remote.Address,
            "PeerRefused",
            $"Refused {peer.Hello.Role} from {peer.Remote}: {refusal.Text}",
            ("remote", peer.Remote.ToString()),
            ("fingerprint", peer.Fingerprint.Hex),
            ("code", refusal.Code.ToString()));
        if (Strangers.MayAudit(peer.Remote.Address))
        {
            Store.AddEvent(PairingEvents.Refused(peer, refusal, Now));
        }
    }

    /// <summary>What became of a pairing connection.</summary>
    public void PairingAnswered(PairingVerdict verdict, IncomingPeer peer)
    {
        if (verdict.Paired || Strangers.MayAudit(peer.Remote.Address))
        {
            Store.AddEvent(PairingEvents.Of(verdict, peer, Now));
        }

        (LogLevel level, string name, string message) = PairingEvents.Line(verdict, peer);
        (string, string)[] fields = [("remote", peer.Remote.ToString()), ("fingerprint", peer.Fingerprint.Hex)];
        if (verdict.Paired)
        {
            Log(level, name, message, fields);
        }
        else
        {
            LogStranger(peer.Remote.Address, name, message, fields);
        }
    }

    public void Dispose()
    {
        Runtime.Dispose();
        DialGate.Dispose();
        Identity.Dispose();
        Store.Dispose();
    }
}
