using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Faults;

namespace ScanEngineAdmin.Hosting;

/// <summary>
/// What can be said of an engine at one moment, and what that means for its listener and its pollers.
/// </summary>
internal sealed record EngineStatus(
    bool Running,
    string? EndPoint,
    string? Fingerprint,
    IReadOnlyList<ConsoleRecord> Consoles,
    string? LastError,
    string? Fault,
    int? ProcessId,
    string? HostedBy,
    string DataPath)
{
    // Refusals for a reason of trust, by whose names the node begins the error it stores.
    private static readonly string[] TrustFaults = new[]
    {
        FaultCode.NotPaired, FaultCode.ApprovalPending, FaultCode.PairingDenied, FaultCode.PairingRevoked,
        FaultCode.PeerNotTrusted, FaultCode.IdentityConflict, FaultCode.TlsIntercepted, FaultCode.WrongRole,
    }.Select(code => code.ToString()).ToArray();

    /// <summary>Of an object that nobody filled: New-MockObject of Pester makes such.</summary>
    public static EngineStatus Unknown { get; } = new(false, null, null, [], null, null, null, null, string.Empty);

    public static EngineStatus Of(EngineAdmin admin, bool? running = null)
    {
        NodeInfo info = admin.Describe();
        bool runs = running ?? info.IsRunning;
        return new EngineStatus(
            runs,
            info.Node?.EndPoint,
            info.Fingerprint.IsEmpty ? null : info.Fingerprint.ToString(),
            admin.Store.ListConsoles(),
            info.Node?.LastError,
            null,
            // The number of a process that has ended may be another one's by now.
            runs ? info.Node?.ProcessId : null,
            runs ? info.Node?.HostedBy : null,
            info.DataPath);
    }

    /// <summary>Whether every console of this engine is one that it polls, and no change is in doubt.</summary>
    public bool OnlyPolls => Known.Any() && Known.All(console => !Listens(console));

    public NodeState ListenerState => !Running ? Ending
        : OnlyPolls ? NodeState.Superseded
        : EndPoint is null ? NodeState.Starting : NodeState.Listening;

    private IEnumerable<ConsoleRecord> Known => Consoles.Where(console => console.State != ConsoleState.Denied);

    private NodeState Ending => Fault is null ? NodeState.Stopped : NodeState.Faulted;

    /// <summary>Whether the engine polls that console, or may have to while a change is in doubt.</summary>
    public static bool Polls(ConsoleRecord console) =>
        console.Direction == CommunicationDirection.EngineToConsole || console.ChangeId is not null;

    /// <summary>Whether the engine listens for that console, or may have to while a change is in doubt.</summary>
    public static bool Listens(ConsoleRecord console) =>
        console.Direction == CommunicationDirection.ConsoleToEngine || console.ChangeId is not null;

    /// <summary>
    /// The console as it stands now. One that was named before it was met takes the pairing id that the two agree on,
    /// and is found again by where it is dialled.
    /// </summary>
    public ConsoleRecord? Find(ConsoleRecord named) =>
        Consoles.FirstOrDefault(console => console.PairingId == named.PairingId)
        ?? Consoles.FirstOrDefault(console => console.Address == named.Address && console.Port == named.Port);

    public NodeState PollerState(ConsoleRecord named) => (Running, Find(named)) switch
    {
        (false, _) => Ending,
        (_, null or { State: ConsoleState.Denied }) => NodeState.Stopped,
        (_, { } console) when !Polls(console) => NodeState.Superseded,
        (_, { LastError: { } error }) when Array.Exists(TrustFaults, error.StartsWith) => NodeState.Refused,
        (_, { LastPoll: null, ConsecutiveFailures: 0 }) => NodeState.Starting,
        _ => NodeState.Polling,
    };
}
