using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Domain.Nodes;

namespace ScanEngineAdmin.Core.Console;

/// <summary>What a change of direction writes into the store, its row and its engine's together.</summary>
internal sealed class ChangeRow(ConsoleContext node, EngineLink link)
{
    public ChangeRecord Move(
        ChangeRecord change, ChangeState state, string detail, int? listenPort = null,
        FirewallReport? firewall = null) =>
        node.Store.UpdateChange(change.ChangeId, (current, engine) => (
            current with
            {
                State = state,
                Detail = detail,
                Port = current.Port ?? listenPort,
                EngineFirewall = firewall,
            },
            engine))?.Change
        ?? throw Gone(change);

    /// <summary>The point of decision: the change and the engine's direction in one durable transaction.</summary>
    public ChangeRecord Decide(
        ChangeRecord change, ChangeState outcome, ChannelException? fault, string detail, bool nothingSent = false,
        FaultCode? cause = null)
    {
        DateTimeOffset now = node.Now;
        (ChangeRecord decided, EngineRecord engine) = node.Store.UpdateChange(change.ChangeId, (current, engine) => (
            current with
            {
                State = outcome,
                Detail = detail,
                Fault = outcome == ChangeState.Committed ? null
                    : fault is null ? cause ?? FaultCode.TimedOut : ChannelFaults.ToFaultCode(fault),
                Decided = now,
                Acknowledged = nothingSent ? now : null,
            },
            outcome == ChangeState.Committed
                ? engine with
                {
                    Direction = change.To,
                    Epoch = change.Epoch,
                    Address = change.To == CommunicationDirection.ConsoleToEngine
                        ? change.Address ?? engine.Address ?? engine.ObservedAddress
                        : engine.Address,
                    Port = change.To == CommunicationDirection.ConsoleToEngine
                        ? change.Port ?? engine.Port
                        : engine.Port,
                    ProposedDirection = null,
                }
                : engine with { Epoch = Math.Max(engine.Epoch, change.Epoch) }), (_, decidedFor) => node.Note(
            outcome == ChangeState.Committed ? Events.DirectionChanged : Events.DirectionChangeRolledBack,
            decidedFor,
            change.RequestedBy,
            $"{change.From} -> {change.To}: {detail}")) ?? throw Gone(change);
        node.Log(
            outcome == ChangeState.Committed ? LogLevel.Information : LogLevel.Warning,
            Events.ChangeDecided,
            $"Engine {engine.Name}: {change.From} -> {change.To} {outcome}: {detail}",
            ("pairing", engine.PairingId.ToString("D")),
            ("engine", engine.Name),
            ("change", change.ChangeId.ToString("D")),
            ("epoch", change.Epoch.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        NodeMetrics.DirectionChanged(change.To, outcome.ToString());
        link.Wake();
        return decided;
    }

    /// <summary>Nothing is written: the row says where the change goes on.</summary>
    public void Interrupted(Guid changeId, Exception exception) => node.Log(
        LogLevel.Warning,
        Events.ChangeInterrupted,
        $"The change of direction {changeId} goes on later: {exception.Message}",
        ("change", changeId.ToString("D")));

    public static ScanEngineException Gone(ChangeRecord change) => new(
        FaultCode.ChangeNotFound,
        $"Change {change.ChangeId} or its engine is no longer in the store.",
        "The engine was unregistered; nothing is to be done.",
        change.ChangeId.ToString("D"));
}
