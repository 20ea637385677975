using System.Globalization;
using System.Management.Automation.Host;

namespace ScanEngineAdmin.Module.Tests.Hosting;

/// <summary>A host that nobody sits before: it has no user interface at all.</summary>
internal sealed class HostWithoutUi : PSHost
{
    public override CultureInfo CurrentCulture => CultureInfo.CurrentCulture;

    public override CultureInfo CurrentUICulture => CultureInfo.CurrentUICulture;

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override string Name => "A service";

    public override PSHostUserInterface? UI => null;

    public override Version Version { get; } = new(1, 0);

    public override void EnterNestedPrompt() => throw new NotSupportedException();

    public override void ExitNestedPrompt() => throw new NotSupportedException();

    public override void NotifyBeginApplication()
    {
    }

    public override void NotifyEndApplication()
    {
    }

    public override void SetShouldExit(int exitCode)
    {
    }
}
