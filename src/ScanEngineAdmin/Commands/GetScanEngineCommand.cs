using System.Management.Automation;
using ScanEngineAdmin.Completion;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Lists the console's Scan Engines with their direction and communication status.</para>
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
public sealed class GetScanEngineCommand : ConsoleCommand
{
    /// <summary>
    /// <para>The engines' names; all without it. Wildcards are accepted; a name without one that is not there is an
    /// error.</para>
    /// </summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("EngineName")]
    [ItemName]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(EngineNameCompleter))]
    public string[]? Name { get; set; }

    /// <summary>
    /// <para>Only engines of this direction: ConsoleToEngine (Standard) or EngineToConsole (Reverse).</para>
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
        IEnumerable<EngineRecord> engines = EngineSelection.Select(this, Name, HasConsole ? Admin : null)
            .Where(engine => Direction is null || engine.Direction == Direction)
            .Where(engine => Status is null || Status.Contains(engine.Status));
        List<EngineRecord> wanted = [.. engines];
        if (wanted.Count > 0)
        {
            WriteObject(EngineView.Of(Admin, wanted), enumerateCollection: true);
        }
    }
}
