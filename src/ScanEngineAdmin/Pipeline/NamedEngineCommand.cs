using System.Management.Automation;
using ScanEngineAdmin.Completion;
using ScanEngineAdmin.Domain.Engines;

namespace ScanEngineAdmin.Pipeline;

/// <summary>A cmdlet for engines that are named, by wildcard or from the pipeline.</summary>
public abstract class NamedEngineCommand : ConsoleCommand
{
    /// <summary>
    /// <para>The engines' names. Wildcards are accepted; a name without one that is not there is an error.</para>
    /// </summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("EngineName")]
    [ItemName]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(EngineNameCompleter))]
    public virtual string[] Name { get; set; } = [];

    private protected abstract void ProcessEngine(EngineRecord engine);

    private protected override void ProcessItem()
    {
        foreach (EngineRecord engine in EngineSelection.Select(this, Name, HasNode ? Admin : null))
        {
            Try(() => ProcessEngine(engine), engine.Name);
        }
    }
}
