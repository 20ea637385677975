using System.CommandLine;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Services;
using ScanEngineAdmin.Service.Arguments;

namespace ScanEngineAdmin.Service;

/// <summary>Prints the unit that Install-EngineService writes: for packages, and hosts without PowerShell.</summary>
internal static class UnitText
{
    public static Command Create()
    {
        Option<NodeRole?> role = HostOption.Name<NodeRole>("--role", "console|engine", "whose unit");
        role.Required = true;
        Option<bool> applier = HostOption.Flag("--applier", "of that node's firewall applier, instead of the node");
        var command = new Command("unit", "Print the unit for systemd of a node or its applier.") { role, applier };
        command.SetAction(async (parsed, _) =>
        {
            var service = new ServiceDefinition(parsed.GetValue(role)!.Value, parsed.GetValue(applier))
            {
                Program = ServiceProgram.Find(null),
                DataPath = SystemdUnit.DataPath,
            };
            await Console.Out.WriteAsync(SystemdUnit.Write(service)).ConfigureAwait(false);
            return ExitCode.Stopped;
        });
        return command;
    }
}
