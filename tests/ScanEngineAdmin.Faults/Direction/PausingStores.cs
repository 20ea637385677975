using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Schedules;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Faults.Direction;

/// <summary>
/// The real stores, with a pause around the durable writes of a change: what a change has reached is what its store
/// says, so no part of the product needs to know of it.
/// </summary>
internal sealed class PausingStores(IStoreProvider stores, PausePoint point) : IStoreProvider
{
    public ICronReader Cron => stores.Cron;

    public IConsoleStore OpenConsole(string folder) =>
        StoreProxy<IConsoleStore>.Wrap(stores.OpenConsole(folder), AroundConsole);

    public IEngineStore OpenEngine(string folder) =>
        StoreProxy<IEngineStore>.Wrap(stores.OpenEngine(folder), AroundEngine);

    public IConsoleStore AttachConsole(string folder) => stores.AttachConsole(folder);

    public IEngineStore AttachEngine(string folder) => stores.AttachEngine(folder);

    private object? AroundConsole(IConsoleStore inner, string member, object?[] arguments, Func<object?> invoke)
    {
        if (member != nameof(IConsoleStore.UpdateChange))
        {
            return invoke();
        }

        var id = (Guid)arguments[0]!;
        var write = (Func<ChangeRecord, EngineRecord, (ChangeRecord Change, EngineRecord Engine)>)arguments[1]!;
        if (point.IsArmed(Phase.Proved)
            && inner.GetChange(id) is { IsDecided: false } before
            && write(before, inner.GetEngine(before.PairingId)!).Change.State == ChangeState.Committed)
        {
            point.Reach(Phase.Proved);
        }

        object? result = invoke();
        if (((ValueTuple<ChangeRecord, EngineRecord>?)result)?.Item1 is { } after)
        {
            Phase? reached = after switch
            {
                { State: ChangeState.Preparing } => Phase.Preparing,
                { State: ChangeState.Proving } => Phase.Proving,
                { IsDecided: true, Acknowledged: null } => Phase.Decided,
                _ => null,
            };
            if (reached is { } phase)
            {
                point.Reach(phase);
            }
        }

        return result;
    }

    private object? AroundEngine(IEngineStore inner, string member, object?[] arguments, Func<object?> invoke)
    {
        if (member != nameof(IEngineStore.UpdateConsole))
        {
            return invoke();
        }

        Guid? before = inner.GetConsole((Guid)arguments[0]!)?.ChangeId;
        object? result = invoke();
        Guid? after = (result as ConsoleRecord)?.ChangeId;
        if (before is null && after is not null)
        {
            point.Reach(Phase.Doubt);
        }
        else if (before is not null && after is null)
        {
            point.Reach(Phase.Concluded);
        }

        return result;
    }
}
