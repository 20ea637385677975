using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Firewall.Requests;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Core.Pairing;
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

    /// <summary>Where this host's firewall applier is asked.</summary>
    public required FirewallDesk Firewall { get; init; }

    /// <summary>Where consoles arrive, while it listens.</summary>
    public ChannelListener? Listener { get; set; }

    public Guid BootId { get; } = Guid.NewGuid();

    /// <summary>Wrong secrets, counted over all connections.</summary>
    public SecretAttempts SecretAttempts { get; } = new(options.Channel.Time);

    /// <summary>What strangers may make this node write down.</summary>
    public StrangerNotes Strangers { get; } = new(options.Channel.Time);

    /// <summary>Channels that are open without being a session's: probes, and those not yet attached.</summary>
    public ChannelSlots Slots { get; } = new(options.Channel.Time);

    public TimeProvider Time => Options.Channel.Time;

    public DateTimeOffset Now => Time.GetUtcNow();

    /// <summary>
    /// How this engine introduces itself to that console, and how it sees the direction between them.
    /// </summary>
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
            ApplierRuns = console?.State is ConsoleState.Approved or ConsoleState.Paired ? Firewall.IsAlive : null,
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
        Identity.Dispose();
        Store.Dispose();
    }
}
