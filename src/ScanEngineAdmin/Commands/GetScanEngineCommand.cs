using System.Management.Automation;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Lists the console's Scan Engines with their direction and communication status.</para>
/// <para type="description">The running console keeps the status up to date. While none runs an engine that was Active or
/// NotResponding is Unknown; StatusDetail says what it was, LastContact when that was so.</para>
/// </summary>
/// <example>
/// <code>Get-ScanEngine</code>
/// <para>All engines, their direction and status.</para>
/// </example>
/// <example>
/// <code>Get-ScanEngine dmz-* -Direction Reverse -Status NotResponding</code>
/// <para>Some of them.</para>
/// </example>
[Cmdlet(VerbsCommon.Get, "ScanEngine")]
[OutputType(typeof(ScanEngine))]
public sealed class GetScanEngineCommand : EngineFilterCommand
{
    /// <summary>
    /// <para>Only engines of this direction: ConsoleToEngine (Standard) or EngineToConsole (Reverse). Not taken from rows
    /// of a file, where it would be the wanted one.</para>
    /// </summary>
    [Parameter]
    [Direction]
    public CommunicationDirection? Direction { get; set; }

    /// <summary>
    /// <para>Only engines of one of these communication statuses.</para>
    /// </summary>
    [Parameter]
    public CommunicationStatus[]? Status { get; set; }

    private protected override void ProcessItem()
    {
        List<EngineRecord> wanted =
            [.. SelectEngines().Where(engine => Direction is null || engine.Direction == Direction)];
        if (wanted.Count > 0)
        {
            WriteObject(
                EngineView.Of(Admin, wanted).Where(engine => Status is null || Status.Contains(engine.Status)),
                enumerateCollection: true);
        }
    }
}
