using System.Management.Automation;

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

    private protected override void ProcessItem() => StopNode("Scan Engine", Timeout);
}
