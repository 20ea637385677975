using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Applier;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Core.Diagnosis;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Core.Pairing;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Firewall.Rehearsal;

namespace ScanEngineAdmin.Core.NodeProcess;

/// <summary>
/// What a running console and a running engine have alike: who they are, what they write down, and how much of it
/// strangers may cause.
/// </summary>
internal abstract class NodeContext : INodeGauges, IDisposable
{
    private const int MostEventsPerKind = 10;

    private readonly INodeStore _store;
    private readonly ChannelOptions _channel;
    private readonly RepeatedLines _repeated;
    private readonly AttemptCounter<string> _events;

    /// <exception cref="ScanEngineException">The key's: it cannot be read.</exception>
    protected NodeContext(NodeRole role, string folder, INodeStore store, ChannelOptions channel, BoundedLog lines)
    {
        _store = store;
        _channel = channel;
        _repeated = new RepeatedLines(Time);
        _events = new AttemptCounter<string>(TimeSpan.FromHours(1), 16, Time);
        Role = role;
        FolderPath = folder;
        Folder = new FolderWatch(folder);
        Lines = lines;
        (NodeId, Certificate) = NodeCertificate.Load(folder, store, Time);
        Runtime = new ChannelRuntime(channel);
        Dialer = new ChannelDialer(Identity, Runtime);
        Firewall = new FirewallApplierClient(store, folder, Time);
        Reachability = new ReachabilityHandler(
            role, () => Listener, new FirewallTester(Time, SocketUser.OfThisProcess), Time,
            (pairing, flow, port, family, token) => Firewall.LookAsync(role, pairing, flow, port, family, token));
        Upkeep = new StoreUpkeep(store, Time, RecordStoreEvent);
        SecretAttempts = new SecretAttempts(Time);
        Slots = new ChannelSlots(Time);
        NodeMetrics.Add(this, role);
    }

    public abstract IEnumerable<(ScanState State, int Count)> UnfinishedScans { get; }

    public NodeRole Role { get; }

    public Guid NodeId { get; }

    public Guid BootId { get; } = Guid.NewGuid();

    public string FolderPath { get; }

    /// <summary>The HTTP proxy that this node dials through; null dials directly.</summary>
    public HttpProxy? Proxy => _channel.Proxy;

    /// <summary>Whether the folder is still the one this node began with.</summary>
    public FolderWatch Folder { get; }

    /// <summary>This node's own certificate, or two while it is replaced.</summary>
    public NodeCertificate Certificate { get; }

    /// <summary>The identity shown to a peer that knows no other.</summary>
    public NodeIdentity Identity => Certificate.Keys.Present;

    public ChannelRuntime Runtime { get; }

    public ChannelDialer Dialer { get; }

    /// <summary>Where the other side's nodes arrive, while this one listens.</summary>
    public ChannelListener? Listener { get; set; }

    /// <summary>What this node tells its peers of the ways between them.</summary>
    public ReachabilityHandler Reachability { get; }

    /// <summary>Where this host's firewall applier is asked.</summary>
    public FirewallApplierClient Firewall { get; }

    /// <summary>Looks after the store's room and what was removed from it.</summary>
    public StoreUpkeep Upkeep { get; }

    /// <summary>Wrong secrets, counted over all connections.</summary>
    public SecretAttempts SecretAttempts { get; }

    /// <summary>Where every line of this node goes.</summary>
    public BoundedLog Lines { get; }

    /// <summary>What strangers may make this node write down.</summary>
    public StrangerNotes Strangers => Lines.Strangers;

    /// <summary>Channels that are open without being a session's: probes, and those not yet attached.</summary>
    public ChannelSlots Slots { get; }

    public TimeProvider Time => _channel.Time;

    public DateTimeOffset Now => Time.GetUtcNow();

    public void Log(LogLevel level, string name, string message, params (string Key, string Value)[] fields)
    {
        NodeMetrics.Event(Role, level, name);
        string note = string.Empty;
        // Every loop that meets a fault of the store says so; it may be the log's disk, too.
        if (name == Events.StoreFault && !_repeated.MayLog(message, out note))
        {
            return;
        }

        Lines.Write(Entry(level, name, message + note, fields));
    }

    /// <summary>About a pairing, if one is given: its lines have a bound of their own.</summary>
    public void LogPeer(
        Guid? pairingId, LogLevel level, string name, string message, params (string Key, string Value)[] fields) =>
        Log(level, name, message, pairingId is { } id ? [("pairing", id.ToString("D")), .. fields] : fields);

    /// <summary>This node has no doorbell, for as long as it runs.</summary>
    public void DoorbellLacks(Exception cause) => Log(
        LogLevel.Warning,
        Events.DoorbellFailed,
        $"Sessions on this host cannot ring ({cause.Message}): what they ask for is seen when this node looks by "
            + "itself, every 2 s.");

    /// <summary>The doorbell fails for now: requests of admins are seen later.</summary>
    public void DoorbellFails(Exception cause) => Log(
        LogLevel.Warning,
        Events.DoorbellFailed,
        $"Sessions on this host cannot ring ({cause.Message}): their requests wait until this node looks by itself. It "
        + "is tried again. A limit of open files is the usual cause.");

    /// <summary>About a stranger: bounded, and what was left out is said with the next line.</summary>
    public void LogStranger(
        IPAddress address, string name, string kind, string message, params (string Key, string Value)[] fields) =>
        LogStranger(address, kind, Entry(LogLevel.Warning, name, message, fields));

    private void LogStranger(IPAddress address, string kind, LogEntry entry)
    {
        NodeMetrics.Event(Role, entry.Level, entry.Event);
        Lines.WriteStranger(address, kind, entry);
    }

    /// <summary>
    /// A channel proved that key: the secret it paired by has served its purpose, and pairs it no second time.
    /// </summary>
    public void SeeKey(Fingerprint key)
    {
        try
        {
            _store.SeeKey(key);
        }
        catch (ScanEngineException exception)
        {
            // The channel is sound all the same, and the next one says it again.
            Log(LogLevel.Warning, Events.StoreFault, exception.Message);
        }
    }

    /// <summary>A connection that ended before its hello was understood.</summary>
    /// <param name="fault">Why it ended.</param>
    /// <param name="address">Where it came from.</param>
    /// <param name="incompatible">Called with the key of a peer that speaks another protocol, and what to say.</param>
    public void HandshakeFailed(ChannelException fault, IPAddress address, Action<Fingerprint, string> incompatible)
    {
        NodeMetrics.HandshakeFailed(Role, fault);
        LogStranger(
            address,
            Events.HandshakeFailed,
            $"{fault.Stage} {fault.Fault}",
            $"A connection from {address} was closed at stage {fault.Stage}: {fault.Message}",
            ("remote", address.ToString()),
            ("fault", fault.Fault.ToString()));
        if (fault is not { Fault: ChannelFault.VersionMismatch, Met.IsEmpty: false })
        {
            return;
        }

        try
        {
            incompatible(fault.Met, $"{FaultCode.IncompatibleVersion}: {fault.Message}");
        }
        catch (ScanEngineException exception)
        {
            Log(LogLevel.Warning, Events.StoreFault, exception.Message);
        }
    }

    /// <summary>Turns somebody away who is not let in, and takes it down.</summary>
    public async Task RefuseAsync(IncomingPeer peer, Refusal refusal, CancellationToken cancellationToken)
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
            _store.AddEvent(PairingEvents.Refused(peer, refusal, Now));
        }

        await peer.RefuseAsync(refusal, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>This node as it introduces itself in a pairing.</summary>
    public PairingSelf Self(Fingerprint shown) =>
        new(Role, NodeId, Environment.MachineName, ProductVersion.Text, shown);

    /// <summary>Answers a node that dialled to be paired.</summary>
    public async Task<PairingVerdict> AnswerPairingAsync(
        IncomingPeer peer, IPairingLedger ledger, CancellationToken cancellationToken)
    {
        var acceptor = new PairingAcceptor(Self(peer.ShownFingerprint), _store, ledger, Time, SecretAttempts);
        PairingVerdict verdict = await acceptor.AcceptAsync(new AcceptedPairing(peer), cancellationToken)
            .ConfigureAwait(false);
        TakeDown(verdict, peer);
        return verdict;
    }

    private void TakeDown(PairingVerdict verdict, IncomingPeer peer)
    {
        if (verdict.Paired || Strangers.MayAudit(peer.Remote.Address))
        {
            // The store holds a repetition to the bound of its pairing.
            _store.AddEvent(PairingEvents.Of(verdict, peer, Now));
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
        NodeMetrics.Remove(this);
        Runtime.Dispose();
        Certificate.Dispose();
        _store.Dispose();
    }

    /// <summary>How this node introduces itself.</summary>
    protected PeerHello Hello(string name, HelloFacts facts) => new()
    {
        Role = Role,
        NodeId = NodeId,
        Name = name,
        Product = ProductVersion.Text,
        BootId = BootId,
        Properties = facts.ToProperties(),
    };

    protected void Audit(
        Guid pairingId, string subject, string name, string actor, string detail, AuditClass auditClass) =>
        _store.AddEvent(Note(pairingId, subject, name, actor, detail, auditClass));

    /// <summary>The note alone, for what is written together with it.</summary>
    public AuditEvent Note(
        Guid pairingId, string subject, string name, string actor, string detail, AuditClass auditClass) => new()
        {
            Time = Now,
            Class = auditClass,
            Event = name,
            PairingId = pairingId,
            Subject = subject,
            Actor = actor,
            Detail = detail,
        };

    /// <summary>
    /// About the store: in the log, and in the audit trail, where an admin may look for it later. The trail takes only
    /// so many an hour of each kind.
    /// </summary>
    private void RecordStoreEvent(LogLevel level, string name, string message)
    {
        Log(level, name, message);
        if (name != Events.StoreFault && _events.Add(name) <= MostEventsPerKind)
        {
            _store.AddEvent(new AuditEvent { Time = Now, Event = name, Actor = "node", Detail = message });
        }
    }

    private LogEntry Entry(LogLevel level, string name, string message, (string Key, string Value)[] fields) =>
        new(Now, level, name, message, fields.ToDictionary(field => field.Key, field => field.Value));
}
