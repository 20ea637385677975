using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Core.Diagnosis;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Core.Pairing;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Core.Running;

/// <summary>
/// What a running console and a running engine have alike: who they are, what they write down, and how much of it
/// strangers may cause.
/// </summary>
internal abstract class NodeContext(INodeStore store, NodeCertificate certificate, ChannelOptions channel, BoundedLog log)
    : IDisposable
{
    private const int ToldPerKind = 10;

    /// <summary>Every loop that meets a fault of the store says so; it may be the log's disk, too.</summary>

    private readonly RepeatedLines _repeated = new(channel.Time);

    private readonly AttemptCounter<string> _told = new(TimeSpan.FromHours(1), 16, channel.Time);

    /// <summary>This node's own certificate, or two while it is replaced.</summary>
    public NodeCertificate Certificate { get; } = certificate;

    /// <summary>What it shows to whoever does not know another.</summary>
    public NodeIdentity Identity => Certificate.Keys.Present;

    public Guid BootId { get; } = Guid.NewGuid();

    public required ChannelRuntime Runtime { get; init; }

    public required ChannelDialer Dialer { get; init; }

    /// <summary>Where the other side's nodes arrive, while this one listens.</summary>
    public ChannelListener? Listener { get; set; }

    /// <summary>Whether the folder is still the one this node began with.</summary>
    public required FolderWatch Folder { get; init; }

    /// <summary>What this node tells its peers of the ways between them.</summary>
    public required ReachabilityHandler Reachability { get; init; }

    /// <summary>Wrong secrets, counted over all connections.</summary>
    public SecretAttempts SecretAttempts { get; } = new(channel.Time);

    /// <summary>Where every line of this node goes.</summary>
    public BoundedLog Lines { get; } = log;

    /// <summary>What strangers may make this node write down.</summary>
    public StrangerNotes Strangers => Lines.Strangers;

    /// <summary>Channels that are open without being a session's: probes, and those not yet attached.</summary>
    public ChannelSlots Slots { get; } = new(channel.Time);

    public TimeProvider Time => channel.Time;

    public DateTimeOffset Now => Time.GetUtcNow();

    public void Log(LogLevel level, string name, string message, params (string Key, string Value)[] fields)
    {
        string note = string.Empty;
        if (name == Events.StoreFault && !_repeated.MayLog(message, out note))
        {
            return;
        }

        Lines.Write(Entry(level, name, message + note, fields));
    }

    /// <summary>What happens to the store: in the log, and in the trail what an admin may look for later.</summary>
    public void Told(LogLevel level, string name, string message)
    {
        Log(level, name, message);
        if (name != Events.StoreFault && _told.Add(name) <= ToldPerKind)
        {
            store.AddEvent(new AuditEvent { Time = Now, Event = name, Actor = "node", Detail = message });
        }
    }

    /// <summary>About a pairing: its lines have a bound of their own.</summary>
    public void LogPeer(
        Guid pairingId, LogLevel level, string name, string message, params (string Key, string Value)[] fields) =>
        Log(level, name, message, [("pairing", pairingId.ToString("D")), .. fields]);

    /// <summary>There is no bell, for as long as this node runs.</summary>
    public void DoorbellLacks(Exception cause) => Log(
        LogLevel.Warning,
        Events.DoorbellFailed,
        $"Sessions on this host cannot ring ({cause.Message}): what they ask for is seen when this node looks by "
            + "itself, every 2 s.");

    /// <summary>Nobody who rings can be taken: what an admin wants is seen later.</summary>
    public void DoorbellFails(Exception cause) => Log(
        LogLevel.Warning,
        Events.DoorbellFailed,
        $"Sessions on this host cannot ring ({cause.Message}): their requests wait until this node looks by itself. It "
        + "is tried again. A limit of open files is the usual cause.");

    /// <summary>About a stranger: bounded, and what was left out is said with the next line.</summary>
    public void LogStranger(
        IPAddress address, string name, string kind, string message, params (string Key, string Value)[] fields) =>
        Lines.WriteStranger(address, kind, Entry(LogLevel.Warning, name, message, fields));

    /// <summary>
    /// A channel proved that key: the secret it paired by has served its purpose, and pairs it no second time.
    /// </summary>
    public void SeeKey(Fingerprint key)
    {
        try
        {
            store.SeeKey(key);
        }
        catch (ScanEngineException exception)
        {
            // The channel is sound all the same, and the next one says it again.
            Log(LogLevel.Warning, Events.StoreFault, exception.Message);
        }
    }

    /// <summary>A connection that ended before its hello was understood.</summary>
    public void HandshakeFailed(ChannelException fault, IPAddress address) => LogStranger(
        address,
        Events.HandshakeFailed,
        $"{fault.Stage} {fault.Fault}",
        $"A connection from {address} was closed at stage {fault.Stage}: {fault.Message}",
        ("remote", address.ToString()),
        ("fault", fault.Fault.ToString()));

    /// <summary>Somebody who is not let in.</summary>
    public void Refused(IncomingPeer peer, Refusal refusal)
    {
        LogStranger(
            peer.Remote.Address,
            Events.PeerRefused,
            $"{refusal.Code}",
            $"Refused {peer.Hello.Role} from {peer.Remote}: {refusal.Text}",
            ("remote", peer.Remote.ToString()),
            ("fingerprint", peer.Fingerprint.Hex),
            ("code", refusal.Code.ToString()));
        if (Strangers.MayAudit(peer.Remote.Address))
        {
            store.AddEvent(PairingEvents.Refused(peer, refusal, Now));
        }
    }

    /// <summary>What became of a pairing connection.</summary>
    public void PairingAnswered(PairingVerdict verdict, IncomingPeer peer)
    {
        if (verdict.Paired || Strangers.MayAudit(peer.Remote.Address))
        {
            // The store holds a repetition to the bound of its pairing.
            store.AddEvent(PairingEvents.Of(verdict, peer, Now));
        }

        (LogLevel level, string name, string message) = PairingEvents.Line(verdict, peer);
        (string, string)[] fields = [("remote", peer.Remote.ToString()), ("fingerprint", peer.Fingerprint.Hex)];
        if (verdict.Paired)
        {
            Log(level, name, message, [("pairing", $"{verdict.Peer?.PairingId:D}"), .. fields]);
        }
        else
        {
            LogStranger(peer.Remote.Address, name, $"{verdict.Refused?.Code}", message, fields);
        }
    }

    public virtual void Dispose()
    {
        Runtime.Dispose();
        Certificate.Dispose();
        store.Dispose();
    }

    protected void Audit(
        Guid pairingId, string subject, string name, string actor, string detail, AuditClass auditClass) =>
        store.AddEvent(new AuditEvent
        {
            Time = Now,
            Class = auditClass,
            Event = name,
            PairingId = pairingId,
            Subject = subject,
            Actor = actor,
            Detail = detail,
        });

    private LogEntry Entry(LogLevel level, string name, string message, (string Key, string Value)[] fields) =>
        new(Now, level, name, message, fields.ToDictionary(field => field.Key, field => field.Value));
}
