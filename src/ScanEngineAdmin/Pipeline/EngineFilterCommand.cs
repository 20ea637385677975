using System.Management.Automation;
using ScanEngineAdmin.Completion;
using ScanEngineAdmin.Domain.Engines;

namespace ScanEngineAdmin.Pipeline;

/// <summary>A cmdlet that shows all engines or what belongs to them, or those that are named.</summary>
public abstract class EngineFilterCommand : ConsoleCommand
{
    /// <summary>
    /// <para>The engines' names; all without it. Wildcards are accepted; a name without one that is not there is an
    /// error.</para>
    /// </summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("EngineName")]
    [ItemName]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(EngineNameCompleter))]
    public string[]? Name { get; set; }

    private protected IReadOnlyList<EngineRecord> SelectEngines() =>
        EngineSelection.Select(this, Name, HasNode ? Admin : null);
}
