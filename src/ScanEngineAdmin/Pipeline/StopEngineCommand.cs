using System.Management.Automation;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Hosting;

namespace ScanEngineAdmin.Pipeline;

/// <summary>A cmdlet that stops the engine of a data folder, in this process or another.</summary>
public abstract class StopEngineCommand : EngineCommand
{
    /// <summary>
    /// <para>How long the engine may take to stop.</para>
    /// </summary>
    [Parameter]
    [Duration("1s", "10m")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    private protected override void ProcessItem()
    {
        if (!HasNode || !ShouldProcess(Folder.Root, "Stop Scan Engine"))
        {
            return;
        }

        HostedNode? here = ModuleLifetime.Nodes.Find(Folder.Engine);
        EngineAdmin admin = Admin;
        Await((_, token) => here is null ? admin.StopAsync(Timeout, token) : here.StopAsync(Timeout, token));
    }
}
