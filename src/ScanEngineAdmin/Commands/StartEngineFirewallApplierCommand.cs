using System.Management.Automation;
using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Applier;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Hosting;
using ScanEngineAdmin.Loading;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Runs the privileged firewall applier of a console's or an engine's host in this process.
/// </para>
/// <para type="description">The console and the engine themselves have no rights over a firewall. With an applier
/// beside them, as root or administrator in a process of its own, Set-ScanEngineCommunication -ApplyFirewall has the
/// host's rules follow a change. It takes no rules from the node: only which pairing, which change, and open or close.
/// </para>
/// </summary>
/// <example>
/// <code>Start-EngineFirewallApplier Console -Wait</code>
/// <para>As root, beside the console, until Ctrl+C or SIGTERM.</para>
/// </example>
[Cmdlet(VerbsLifecycle.Start, "EngineFirewallApplier", SupportsShouldProcess = true)]
[OutputType(typeof(EngineFirewallApplier))]
public sealed class StartEngineFirewallApplierCommand : StartNodeCommand
{
    /// <summary>
    /// <para>Whose host this is: the console's or the engine's.</para>
    /// </summary>
    [Parameter(Mandatory = true, Position = 0)]
    public NodeRole Role { get; set; }

    /// <summary>
    /// <para>Ports that it may open beside 40814 and 40815.</para>
    /// </summary>
    [Parameter]
    [Alias("Ports")]
    [ValidateRange(1, 65535)]
    public int[] Port { get; set; } = [];

    /// <summary>
    /// <para>Addresses and blocks that a rule may be for, or any, where an engine's record says that it dials from
    /// there (Set-ScanEngine -AllowFrom). Without it a rule is for the addresses of one host only.</para>
    /// </summary>
    [Parameter]
    public string[] AllowFrom { get; set; } = [];

    /// <summary>
    /// <para>The manager to use; without it the one that owns this host's filter.</para>
    /// </summary>
    [Parameter]
    public FirewallProvider? Provider { get; set; }

    private protected override string JobType => nameof(EngineFirewallApplier);

    private protected override string NodeKey => HostedApplier.Key(Folder, Role);

    private protected override (string Target, string Action) Confirmation =>
        ($"The {Role} on '{Folder.Root}'", "Start firewall applier");

    private protected override void Check() => _ = Blocks();

    private protected override async Task<Started> StartAsync(CancellationToken cancellationToken)
    {
        DataFolder folder = Folder;
        var options = new FirewallApplierOptions { Ports = Port, AllowFrom = Blocks(), Provider = Provider };
        (HostedNode node, bool mine) = await ModuleLifetime.Nodes.FindOrStartAsync(
            NodeKey,
            token => HostedApplier.StartAsync(folder, Role, Stores.Provider, options, LogFile, token),
            cancellationToken).ConfigureAwait(false);
        FirewallApplierOptions started = ((HostedApplier)node).Options;
        if (!mine)
        {
            CheckSame(started, folder);
        }

        var handle = new EngineFirewallApplier(
            Role, NodeState.Running, folder.Root, [.. started.Ports], [.. AllowedSources.Texts(started.AllowFrom)],
            Environment.ProcessId);
        return new Started(node, mine, [handle], folder.Root);
    }

    private IReadOnlyList<IPNetwork> Blocks() => AllowedSources.Read(AllowedSources.Normalize(AllowFrom));

    private static string Sources(FirewallApplierOptions started) => started.AllowFrom.Count == 0
        ? "no blocks" : string.Join(", ", AllowedSources.Texts(started.AllowFrom));

    private void CheckSame(FirewallApplierOptions started, DataFolder folder)
    {
        bool ports = IsBound(nameof(Port))
            && !Port.ToHashSet().SetEquals(started.Ports);
        bool blocks = IsBound(nameof(AllowFrom)) && !Blocks().SequenceEqual(started.AllowFrom);
        if (ports || blocks || (Provider is not null && Provider != started.Provider))
        {
            string allowed = started.Ports.Count == 0 ? "no ports beside the usual" : string.Join(", ", started.Ports);
            throw RunningNode.Other(
                FaultCode.ApplierAlreadyRunning,
                $"{Role}'s firewall applier",
                $"Stop-EngineFirewallApplier -Role {Role}",
                $"with {allowed}, {Sources(started)} and "
                    + $"{started.Provider?.ToString() ?? "whatever manager owns the filter"}",
                folder);
        }
    }
}
