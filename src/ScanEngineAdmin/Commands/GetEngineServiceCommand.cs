using System.Management.Automation;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Services;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Gets the services of this product that are installed on this host: consoles, engines, firewall
/// appliers.</para>
/// </summary>
/// <example>
/// <code>Get-EngineService</code>
/// <para>What is installed, and whether it runs.</para>
/// </example>
/// <example>
/// <code>Get-EngineService | Where-Object State -NE Running</code>
/// <para>Those that do not run.</para>
/// </example>
[Cmdlet(VerbsCommon.Get, "EngineService")]
[OutputType(typeof(EngineService))]
public sealed class GetEngineServiceCommand : ScanEngineCommand
{
    private protected override void ProcessItem()
    {
        IServiceManager manager = EngineServices.OfThisHost();
        foreach ((NodeRole role, bool isApplier) in EngineServices.All)
        {
            Try(
                () =>
                {
                    ServiceStatus? status = Await((_, token) => manager.LookAsync(role, isApplier, token));
                    if (status is not null && ServiceCommand.DataOf(status) is var path
                        && (!FolderIsTyped || path == Folder.Root))
                    {
                        WriteObject(new EngineService(status, path));
                    }
                },
                ServiceDefinition.NameOf(role, isApplier));
        }
    }
}
