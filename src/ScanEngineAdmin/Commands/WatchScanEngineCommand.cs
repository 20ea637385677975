using System.Management.Automation;
using ScanEngineAdmin.Completion;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Shows what happens at a console as it happens: engines that connect and are lost, changes of
/// direction, scans that finish, disks that fill, and all else of the audit trail.</para>
/// <para type="description">It goes on until Ctrl+C, -Timeout, or a downstream that has enough. What was so before is
/// not shown: Get-ScanEngine and Get-ScanEngineEvent do that. With -RaiseEvent each event is an engine event of this
/// session as well, named ScanEngineAdmin.EngineLost, ScanEngineAdmin.ScanFinished, and so on, for Register-EngineEvent
/// and Wait-Event; its MessageData is what is shown here.</para>
/// </summary>
/// <example>
/// <code>Watch-ScanEngine -Event EngineConnected, EngineLost</code>
/// <para>Shows which engines come and go, until Ctrl+C.</para>
/// </example>
/// <example>
/// <code>Watch-ScanEngine lab-1 -Event ScanFinished, DirectionChange* -Timeout 1h | Select-Object -First 1</code>
/// <para>Waits for the first of these.</para>
/// </example>
/// <example>
/// <code>$watch = Watch-ScanEngine -Event EngineLost -RaiseEvent</code>
/// <para>From here on every engine that is lost is an event ScanEngineAdmin.EngineLost of this session, until Stop-Job
/// $watch. about_ScanEngineAdmin_Automation has an action for it.</para>
/// </example>
[Cmdlet(VerbsCommon.Watch, "ScanEngine")]
[OutputType(typeof(ScanEngineEvent))]
public sealed class WatchScanEngineCommand : EngineFilterCommand
{
    private const string Prefix = "ScanEngineAdmin.";

    // Events of a session wait in it until somebody takes them.
    private const int MostWaiting = 10_000;

    /// <summary>
    /// <para>Only events of these names, such as 'Direction*'; docs/events.md has them all. Wildcards are
    /// accepted; a name without one that no event has is an error.</para>
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(WatchedEventCompleter))]
    public string[]? Event { get; set; }

    /// <summary>
    /// <para>How long to watch: '30m', '2h', a number of seconds, a TimeSpan. Without it until it is stopped.</para>
    /// </summary>
    [Parameter]
    [Duration("0s", "3650d")]
    public TimeSpan Timeout { get; set; }

    /// <summary>
    /// <para>Watches in the background: Receive-Job takes what happened, Stop-Job ends it.</para>
    /// </summary>
    [Parameter]
    public SwitchParameter AsJob { get; set; }

    /// <summary>
    /// <para>Watches in the background and makes an engine event of this session of each, in the place of the job's
    /// output. While 10,000 of a session's events wait, no further ones are made.</para>
    /// </summary>
    [Parameter]
    public SwitchParameter RaiseEvent { get; set; }

    private protected override void ProcessItem()
    {
        // A name that is no wildcard has to be there: what cannot happen would be waited for in vain.
        EventSelection.Check(Event, EngineWatch.Names);
        SelectEngines();
        if (!HasNode)
        {
            throw NotFound.ConsoleIn(Folder.Console);
        }

        ConsoleAdmin admin = Admin;
        string root = Folder.Root;
        if (!RaiseEvent && !AsJob)
        {
            Await(async (writer, token) =>
            {
                await WatchAsync(admin, Begin(admin), writer.Object, root, token).ConfigureAwait(false);
                return true;
            });
            return;
        }

        PSEventManager? events = RaiseEvent ? Events : null;
        StartJob(admin, own =>
        {
            EngineWatch watch = Begin(own);
            return (writer, token) => WatchAsync(
                own, watch, events is null ? writer.Object : happened => Raise(events, happened), root, token);
        });
    }

    /// <summary>What happens after a cmdlet has returned its job is watched, however late the job's work begins.</summary>
    private static EngineWatch Begin(ConsoleAdmin admin)
    {
        var watch = new EngineWatch(admin.Store, TimeProvider.System);
        watch.Look();
        return watch;
    }

    private Task WatchAsync(
        ConsoleAdmin admin, EngineWatch watch, Action<ScanEngineEvent> show, string root, CancellationToken stop) =>
        watch.RunAsync(
            happened =>
            {
                string name = happened.PairingId is { } id && admin.Store.GetEngine(id) is { } engine
                    ? engine.Name : happened.Subject;
                if (IsWanted(happened.Event, name))
                {
                    show(new ScanEngineEvent(happened, name, Channel.NodeRole.Console, root));
                }

                return true;
            },
            Bound(nameof(Timeout), Timeout),
            stop);

    private bool IsWanted(string happened, string name) =>
        (Event is null || Event.Any(wanted => EngineSelection.Matches(happened, wanted)))
        && (Name is null || Name.Any(wanted => EngineSelection.Matches(name, wanted)));

    private static void Raise(PSEventManager events, ScanEngineEvent happened)
    {
        if (events.ReceivedEvents.Count < MostWaiting)
        {
            events.GenerateEvent(Prefix + happened.Event, happened, [happened], PSObject.AsPSObject(happened));
        }
    }
}
