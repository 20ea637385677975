using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Core.Diagnosis;
using ScanEngineAdmin.Core.Directions;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Firewall.Providers;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Core.Admin;

/// <summary>
/// Tries the way that is asked for as far as that changes nothing: to standard by a connection that says it is a
/// probe, to reverse by a look at this host's own listener and rules.
/// </summary>
internal sealed class DirectionProbe(IConsoleStore store, NodeClient client, FirewallAnswers? answers)
{
    private static readonly TimeSpan LongestPreview = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The plan as it is shown: of the rules that let the engine in it says which of them this host does not need as it is.
    /// Whoever applies the plan is told the same then, and nothing is written.
    /// </summary>
    public static FirewallPlan Shown(
        FirewallPlan plan, FirewallTestResult reach, EngineRecord engine, DirectionAddresses addresses)
    {
        if (plan.To != CommunicationDirection.EngineToConsole || reach.Stages.FirstOrDefault(
            static s => s is { Stage: FirewallStage.LocalRule, Result: FirewallTestOutcome.Passed }) is not { } open)
        {
            return plan;
        }

        // What is open to one address, or to any, says nothing of a rule for others.
        string[] asked = IPAddress.TryParse(Peer(engine, addresses), out IPAddress? peer) ? [$"{peer}"] : [];
        return plan with
        {
            Rules = [.. plan.Rules.Select(rule => rule is
                { HostRole: NodeRole.Console, Change: RuleChange.Add, Flow: RuleFlow.In }
                && rule.RemoteAddress.SequenceEqual(asked)
                ? rule with
                {
                    OutcomeReason = $"{rule.OutcomeReason} No rule is needed, the way is open: {open.Evidence}".TrimStart(),
                }
                : rule)],
        };
    }

    public Task<FirewallTestResult> TryAsync(
        EngineRecord engine, DirectionChangeRequest change, DirectionAddresses addresses,
        CancellationToken cancellationToken) =>
        TryAsync(engine, change, addresses, LongestPreview, cancellationToken);

    public async Task<FirewallTestResult> TryAsync(
        EngineRecord engine, DirectionChangeRequest change, DirectionAddresses addresses, TimeSpan longest,
        CancellationToken cancellationToken)
    {
        using (ShownKeys keys = client.Keys())
        {
            bool dials = change.Direction == CommunicationDirection.ConsoleToEngine;
            NodeRecord? node = client.IsRunning ? store.GetNode() : null;
            var request = new FirewallTestRequest
            {
                EngineName = engine.Name,
                Direction = change.Direction,
                Host = (dials ? addresses.Engine : addresses.Console) ?? Dns.GetHostName(),
                Port = dials ? addresses.EnginePort : addresses.ConsolePort,
                LocalRole = NodeRole.Console,
                Identity = keys.For(engine.PairingId),
                NodeId = keys.NodeId,
                Proxy = NodeProxy.Of(client.FolderPath),
                NodeName = Environment.MachineName,
                Pins = [.. engine.Pins],
                HelloProperties = keys.HelloProperties,
                Timeout = change.Timeout < longest ? change.Timeout : longest,
                ListenerProcessId = node?.ProcessId,
                PeerAddress = Peer(engine, addresses),
            };
            return await new FirewallTester(client.Answers(answers), client.Time)
                .TestAsync(request, cancellationToken).ConfigureAwait(false);
        }
    }

    // Where the engine's packets come from, as its rules are made.
    private static string? Peer(EngineRecord engine, DirectionAddresses addresses) =>
        engine.ObservedAddress ?? addresses.Engine;
}
