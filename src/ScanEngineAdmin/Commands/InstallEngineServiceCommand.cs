using System.Management.Automation;
using ScanEngineAdmin.Core.Services;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Installs a console, an engine or a firewall applier as a service of this host, and starts it.
/// </para>
/// <para type="description">Under systemd it writes a hardened unit (its own user, the capabilities that the node needs
/// and no others, a watchdog) and starts it; on Windows it makes a service. The program is the service host
/// (scanengineadmin), which has to lie where only root or an administrator can write. A second run changes nothing; with
/// other values it brings the service up to them. -WhatIf shows the unit and the commands.</para>
/// </summary>
/// <example>
/// <code>Install-EngineService Console -WhatIf</code>
/// <para>The unit and the commands for a console on this host; nothing is done.</para>
/// </example>
/// <example>
/// <code>Install-EngineService Engine -Port 40900</code>
/// <para>As root: an engine that listens on that port, from now on and after every boot.</para>
/// </example>
/// <example>
/// <code>Install-EngineService Console -Applier -Port 443</code>
/// <para>As root: the firewall applier of the console's host, which may also open port 443.</para>
/// </example>
[Cmdlet(VerbsLifecycle.Install, "EngineService", SupportsShouldProcess = true)]
[OutputType(typeof(EngineService))]
public sealed class InstallEngineServiceCommand : ServiceTermsCommand
{
    /// <summary>
    /// <para>Installs it and has it start at boot, but does not start it now.</para>
    /// </summary>
    [Parameter]
    public SwitchParameter NoStart { get; set; }

    private protected override void ProcessItem() => Try(Install, ServiceName);

    private void Install()
    {
        ServiceDefinition service = Define() with { User = UserOf(ServiceData) };
        ServiceStatus? installed = Await((_, token) => Manager.LookAsync(Role, Applier, token));
        string text = Manager.Describe(service, installed, !NoStart);
        if (!ShouldProcess(
            text, $"{text}{Environment.NewLine}Install the service {service.Name}?", "Install engine service"))
        {
            return;
        }

        bool changed = Await((_, token) => Manager.InstallAsync(service, !NoStart, token));
        WriteVerbose(changed ? $"{service.Name} was installed." : $"{service.Name} is as asked: nothing was changed.");
        if (Look() is { } now)
        {
            WriteObject(now);
        }
    }

    // A folder of somebody's own: the node gets his rights, and no user is made.
    private static string? UserOf(string data)
    {
        if (data == EngineServices.DataPath || OperatingSystem.IsWindows())
        {
            return null;
        }

        if (!ServiceProgram.IsPlain(data) || !Directory.Exists(data)
            || data.StartsWith("/home/", StringComparison.Ordinal) || data.StartsWith("/root/", StringComparison.Ordinal))
        {
            throw Invalid(
                $"'{data}' cannot be the data folder of a service: it is not there, its path has other characters than "
                    + "letters, digits, '.', '_' and '-', or it lies below /home or /root, which a service does not see.",
                $"Leave -DataPath out ({EngineServices.DataPath}), or make a folder for the user who shall run the node.",
                nameof(DataPath));
        }

        return FolderOwner.Of(data) is { User: not 0 } owner && owner.Name is var name && !name.StartsWith('#') ? name
            : throw Invalid(
                $"'{data}' belongs to root, or to nobody that this system knows; a node runs as the owner of its folder.",
                $"chown -R <user> {data}",
                nameof(DataPath));
    }
}
