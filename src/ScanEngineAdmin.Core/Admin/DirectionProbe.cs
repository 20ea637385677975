using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Core.Diagnosis;
using ScanEngineAdmin.Core.Directions;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Firewall.Providers;

namespace ScanEngineAdmin.Core.Admin;

/// <summary>
/// Tries the way that is asked for as far as that changes nothing: to standard by a connection that says it is a
/// probe, to reverse by a look at this host's own listener and rules.
/// </summary>
internal sealed class DirectionProbe(IConsoleStore store, NodeClient client, FirewallAnswers? answers)
{
    private static readonly TimeSpan LongestPreview = TimeSpan.FromSeconds(5);

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
            };
            return await new FirewallTester(client.Answers(answers), client.Time)
                .TestAsync(request, cancellationToken).ConfigureAwait(false);
        }
    }
}
