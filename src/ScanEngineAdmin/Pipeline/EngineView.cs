using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Pipeline;

/// <summary>Makes the objects that cmdlets return of what the console's store holds of its engines.</summary>
internal static class EngineView
{
    public static ScanEngine Of(ConsoleAdmin admin, EngineRecord engine) => Of(admin, [engine])[0];

    public static IReadOnlyList<ScanEngine> Of(ConsoleAdmin admin, IReadOnlyList<EngineRecord> engines)
    {
        IReadOnlyDictionary<Guid, int> running = admin.Store.CountRunningScans();
        IReadOnlyDictionary<Guid, EngineUsage> usage = admin.Store.ListUsage();
        NodeInfo console = admin.Describe();
        return [.. engines.Select(
            engine => new ScanEngine(
                StoredStatus.Shown(engine, console.IsRunning),
                running.GetValueOrDefault(engine.PairingId),
                console.Node?.ListensAt?.Port,
                usage.GetValueOrDefault(engine.PairingId) ?? new EngineUsage(0, null),
                admin.Folder.Root))];
    }
}
