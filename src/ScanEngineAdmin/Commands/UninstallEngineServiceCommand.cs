using System.Management.Automation;
using ScanEngineAdmin.Core.Services;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Stops and removes a service that Install-EngineService made.</para>
/// <para type="description">The node's data, its user and the program stay: installed again it goes on where it was.
/// A unit that this product has not made is left as it is.</para>
/// </summary>
/// <example>
/// <code>Uninstall-EngineService Console -Applier</code>
/// <para>As root: removes the firewall applier; the console's service stays.</para>
/// </example>
/// <example>
/// <code>Get-EngineService | Uninstall-EngineService -WhatIf</code>
/// <para>What would be run to remove all of them.</para>
/// </example>
[Cmdlet(VerbsLifecycle.Uninstall, "EngineService", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class UninstallEngineServiceCommand : ServiceCommand
{
    private protected override void ProcessItem() => Try(Remove, ServiceName);

    private void Remove()
    {
        ServiceStatus status = Await((_, token) => Manager.LookAsync(Role, Applier, token))
            ?? throw NotInstalled();
        if (FolderIsTyped && DataOf(status) != Folder.Root)
        {
            throw Invalid(
                $"The service {ServiceName} works on '{DataOf(status)}', not on '{Folder.Root}'.",
                "Leave -DataPath out, or name that folder.",
                nameof(DataPath));
        }

        string text = Manager.DescribeRemoval(status);
        if (ShouldProcess(
            text, $"{text}{Environment.NewLine}Remove the service {ServiceName}?", "Uninstall engine service"))
        {
            Await(async (_, token) =>
            {
                await Manager.RemoveAsync(status, token).ConfigureAwait(false);
                return true;
            });
        }
    }
}
