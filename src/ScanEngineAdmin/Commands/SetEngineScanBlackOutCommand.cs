using System.Management.Automation;
using ScanEngineAdmin.Completion;
using ScanEngineAdmin.Core.Directions;
using ScanEngineAdmin.Pipeline;
using ScanEngineAdmin.Scanning.Schedules;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Sets the maintenance windows of the whole console, in which nothing is scanned.</para>
/// <para type="description">In a window no scan is started, whoever asked for it: it waits. A scan that runs when a window
/// begins is stopped; what it found is kept, and Resume-EngineScan goes on with it.</para>
/// </summary>
/// <example>
/// <code>Set-EngineScanBlackOut 'Mon-Fri 08:00-18:00', '2030-12-24/2030-12-26' -TimeZone Europe/Berlin</code>
/// <para>Nothing is scanned in office hours, nor on these days.</para>
/// </example>
/// <example>
/// <code>Set-EngineScanBlackOut @()</code>
/// <para>Takes all windows back.</para>
/// </example>
[Cmdlet(VerbsCommon.Set, "EngineScanBlackOut", SupportsShouldProcess = true)]
[OutputType(typeof(EngineScanBlackOut))]
public sealed class SetEngineScanBlackOutCommand : ConsoleCommand
{
    /// <summary>
    /// <para>The windows, in place of those there are: 'Mon-Fri 08:00-18:00', '22:00-02:00', '2030-12-24/2030-12-26',
    /// '2030-12-24 18:00/2030-12-27 06:00'. @() for none.</para>
    /// </summary>
    [Parameter(Mandatory = true, Position = 0)]
    [AllowEmptyCollection]
    public string[] BlackOut { get; set; } = [];

    /// <summary>
    /// <para>The time zone whose clocks count, as Europe/Berlin; this host's without it.</para>
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(TimeZoneCompleter))]
    public string TimeZone { get; set; } = TimeZoneInfo.Local.Id;

    /// <summary>
    /// <para>Returns the windows.</para>
    /// </summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void ProcessItem()
    {
        var windows = new ConsoleBlackOut(BlackOut, ZoneTime.Find(TimeZone).Id);
        windows.Understood();
        string shown = BlackOut.Length == 0 ? "none" : string.Join("; ", BlackOut);
        if (!ShouldProcess($"{shown} ({windows.TimeZone}) on '{Folder.Root}'", "Set maintenance windows"))
        {
            return;
        }

        Admin.Schedules.SetBlackOut(windows);
        WarnUnlessConsoleRuns("The windows are written.");
        if (PassThru)
        {
            WriteObject(new EngineScanBlackOut(windows, Admin.Schedules.Now, Folder.Root));
        }
    }
}
