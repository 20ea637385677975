using System.Management.Automation;
using ScanEngineAdmin.Completion;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Reads the audit trail of a console or engine of this host, newest first: who did what to which
/// engine, and what came of it.</para>
/// </summary>
/// <example>
/// <code>Get-ScanEngineEvent lab-1 -Event Direction* -Newest 10</code>
/// <para>Who changed an engine's direction, and when.</para>
/// </example>
/// <example>
/// <code>Get-ScanEngineEvent -Role Engine -Newest 20</code>
/// <para>The audit trail of this host's engine.</para>
/// </example>
[Cmdlet(VerbsCommon.Get, "ScanEngineEvent")]
[OutputType(typeof(ScanEngineEvent))]
public sealed class GetScanEngineEventCommand : RoleCommand
{
    /// <summary>
    /// <para>Only events of these engines, also of those that are gone. Wildcards are accepted; a name without one that
    /// neither an engine nor an event has is an error.</para>
    /// </summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("EngineName")]
    [ItemName]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(EngineNameCompleter))]
    public string[]? Name { get; set; }

    /// <summary>
    /// <para>Only so many, the newest; all without it.</para>
    /// </summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int Newest { get; set; } = int.MaxValue;

    /// <summary>
    /// <para>Only events of these names, such as 'Direction*'. Wildcards are accepted; a name without one that no event has
    /// is an error.</para>
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(EventNameCompleter))]
    public string[]? Event { get; set; }

    private protected override void ProcessItem()
    {
        // Newest alone need not read them all.
        int most = Name is null && Event is null ? Newest : int.MaxValue;
        Dictionary<Guid, string> names = [];
        List<ScanEngineEvent> all = [];
        if (HasNode)
        {
            names = With(Names, static _ => []);
            all.AddRange(WithStore(store => store.ListEvents(most))
                .Select(entry => new ScanEngineEvent(entry, Named(entry, names), Role, Folder.Root)));
        }

        HashSet<string> known = [.. names.Values, .. all.Select(entry => entry.EngineName)];
        foreach (string name in Name ?? [])
        {
            if (!WildcardPattern.ContainsWildcardCharacters(name)
                && !known.Any(one => EngineSelection.Matches(one, name)))
            {
                Report(NotFound.Engine(name), name);
            }
        }

        EventSelection.Check(Event, Domain.Nodes.Events.Audited.Concat(all.Select(entry => entry.Event)));

        WriteObject(
            all.Where(entry => Name is null || Name.Any(name => EngineSelection.Matches(entry.EngineName, name)))
                .Where(entry => Event is null || Event.Any(name => EngineSelection.Matches(entry.Event, name)))
                .Take(Newest),
            enumerateCollection: true);
    }

    private static Dictionary<Guid, string> Names(ConsoleAdmin console) =>
        console.Store.ListEngines().ToDictionary(engine => engine.PairingId, engine => engine.Name);

    // An engine that was renamed keeps its history.
    private static string Named(AuditEvent entry, Dictionary<Guid, string> names) =>
        entry.PairingId is { } id && names.TryGetValue(id, out string? name) ? name : entry.Subject;
}
