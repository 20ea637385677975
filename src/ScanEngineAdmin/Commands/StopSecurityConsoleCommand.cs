using System.Management.Automation;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Stops the Security Console of a data folder, in whatever process it runs.</para>
/// <para type="description">The console says goodbye to its engines and frees its port before the cmdlet returns. Scans
/// stay in the store and go on when a console runs again.</para>
/// </summary>
/// <example>
/// <code>Stop-SecurityConsole</code>
/// <para>Stops the console, wherever on this host it runs.</para>
/// </example>
[Cmdlet(VerbsLifecycle.Stop, "SecurityConsole", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class StopSecurityConsoleCommand : ConsoleCommand
{
    /// <summary>
    /// <para>How long the console may take to stop.</para>
    /// </summary>
    [Parameter]
    [Duration("1s", "10m")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    private protected override void ProcessItem() => StopNode("Security Console", Timeout);
}
