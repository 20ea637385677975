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
        int? port = admin.Describe().Node?.ListensAt?.Port;
        return [.. engines.Select(
            engine => new ScanEngine(
                engine,
                running.GetValueOrDefault(engine.PairingId),
                port,
                usage.GetValueOrDefault(engine.PairingId) ?? new EngineUsage(0, null),
                admin.Folder.Root))];
    }
}
