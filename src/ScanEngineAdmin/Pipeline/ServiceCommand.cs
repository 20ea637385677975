using System.Management.Automation;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Services;
using ScanEngineAdmin.Domain.Faults;

namespace ScanEngineAdmin.Pipeline;

/// <summary>A cmdlet on one service of this host.</summary>
public abstract class ServiceCommand : ScanEngineCommand
{
    /// <summary>
    /// <para>Whose service: Console or Engine.</para>
    /// </summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    public NodeRole Role { get; set; }

    /// <summary>
    /// <para>The privileged firewall applier of that node's host, which is a service of its own, instead of the node.
    /// </para>
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public SwitchParameter Applier { get; set; }

    private protected static IServiceManager Manager { get; } = EngineServices.OfThisHost();

    /// <summary>The folder that the service works on.</summary>
    private protected string ServiceData => FolderIsTyped || FolderIsTheItems ? Folder.Root : EngineServices.DataPath;

    private protected string ServiceName => ServiceDefinition.NameOf(Role, Applier);

    private protected EngineService? Look()
    {
        ServiceStatus? status = Await((_, token) => Manager.LookAsync(Role, Applier, token));
        return status is null ? null : new EngineService(status, DataOf(status));
    }

    internal static string DataOf(ServiceStatus status) =>
        ServiceComparison.ValueOf(status.Words, "--data") ?? EngineServices.DataPath;

    private protected ScanEngineException NotInstalled() => new(
        FaultCode.ServiceNotFound,
        $"The service {ServiceName} is not installed on this host.",
        "See what is: Get-EngineService",
        ServiceName);

    private protected static ScanEngineException Invalid(string what, string then, string parameter) =>
        new(FaultCode.OptionInvalid, what, then, parameter);
}
