using System.CommandLine;
using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Applier;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Service.Arguments;
using ScanEngineAdmin.Service.Hosting;

namespace ScanEngineAdmin.Service;

/// <summary>The privileged firewall applier of a console's or an engine's host, as a process of its own.</summary>
internal static class ApplierHost
{
    public static Command Create()
    {
        var node = new NodeArguments();
        Option<NodeRole?> role = HostOption.Name<NodeRole>(
            "--role", "console|engine", "whose firewall to serve: a separate process, as root, beside that node");
        role.Required = true;
        Option<IReadOnlyList<int>?> ports = HostOption.Of<IReadOnlyList<int>>(
            "--ports", "LIST", "ports that it may open beside 40814 and 40815: 443,41000", OptionValues.Ports);
        Option<IReadOnlyList<IPNetwork>?> blocks = HostOption.Of<IReadOnlyList<IPNetwork>>(
            "--allow-from",
            "LIST",
            "blocks that a rule may be for, of engines with -AllowFrom: 10.1.0.0/16, or any",
            OptionValues.Blocks);
        Option<FirewallProvider?> provider = HostOption.Name<FirewallProvider>(
            "--provider",
            "NAME",
            "Nftables, Firewalld, Ufw, Iptables, NetSecurity or Netsh (default: what owns the filter)");
        Option<string?> state = HostOption.Text(
            "--state", "FOLDER", "where it keeps its lock and what it did (default: the system's own, root's alone)");
        Command command = node.To(
            "firewall-applier",
            "Run the privileged firewall applier of a node.",
            role,
            ports,
            blocks,
            provider,
            state);
        command.SetAction((parsed, _) =>
        {
            var options = new FirewallApplierOptions
            {
                Ports = parsed.GetValue(ports) ?? [],
                AllowFrom = parsed.GetValue(blocks) ?? [],
                Provider = parsed.GetValue(provider),
                StateFolder = parsed.GetValue(state),
            };
            return NodeHost.RunAsync(
                node.Read(parsed),
                (folder, stores, log) => FirewallApplierService.StartAsync(
                    folder, parsed.GetValue(role)!.Value, stores, options, log, CancellationToken.None),
                service => service.Completion);
        });
        return command;
    }
}
