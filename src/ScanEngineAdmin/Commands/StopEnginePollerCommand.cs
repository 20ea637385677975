using System.Management.Automation;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Stops the Scan Engine that is polling on a data folder, in whatever process it runs.</para>
/// <para type="description">An engine is one node: stopping it ends its listening and its polling alike. Running scans
/// are kept and go on when it runs again.</para>
/// </summary>
/// <example>
/// <code>Stop-EnginePoller</code>
/// <para>Stops the engine, wherever on this host it runs.</para>
/// </example>
[Cmdlet(VerbsLifecycle.Stop, "EnginePoller", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class StopEnginePollerCommand : StopEngineCommand
{
}
