using System.Management.Automation;
using ScanEngineAdmin.Core.Services;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Compares a service of this host with what is asked of it.</para>
/// <para type="description">What Install-EngineService would bring it up to with the same parameters: each property that
/// differs, and whether the service runs and starts at boot. What is not given is not compared. No output means that it
/// is as asked. It changes nothing.</para>
/// </summary>
/// <example>
/// <code>Compare-EngineService Engine -Port 40900</code>
/// <para>Whether the engine runs, starts at boot, and listens at that port.</para>
/// </example>
/// <example>
/// <code>Compare-EngineService Console -Applier -AllowFrom 10.1.0.0/16, 10.2.0.7</code>
/// <para>Whether the applier may write rules for these, in whatever form and order its command line has them.</para>
/// </example>
[Cmdlet(VerbsData.Compare, "EngineService")]
[OutputType(typeof(EngineServiceDifference))]
public sealed class CompareEngineServiceCommand : ServiceTermsCommand
{
    private protected override void ProcessItem() => Try(Compare, ServiceName);

    private void Compare()
    {
        ServiceDefinition wanted = Define();
        ServiceStatus status = Await((_, token) => Manager.LookAsync(Role, Applier, token)) ?? throw NotInstalled();
        var service = new EngineService(status, DataOf(status));
        if (service.State != EngineServiceState.Running)
        {
            Write(service, nameof(EngineService.State), $"{EngineServiceState.Running}", $"{service.State}");
        }

        if (!service.StartsAtBoot)
        {
            Write(service, nameof(EngineService.StartsAtBoot), $"{true}", $"{false}");
        }

        foreach ((string property, string value, string actual) in ServiceComparison.Of(wanted, Asked, status))
        {
            Write(service, property, value, actual);
        }
    }

    private HashSet<string> Asked
    {
        get
        {
            HashSet<string> asked = [.. Terms.Where(IsBound)];
            if (FolderIsTyped)
            {
                asked.Add(nameof(DataPath));
            }

            return asked;
        }
    }

    private void Write(EngineService service, string property, string wanted, string actual) =>
        WriteObject(new EngineServiceDifference(service, property, wanted, actual));
}
