using System.Globalization;
using ScanEngineAdmin.Core.Direction;
using ScanEngineAdmin.Core.Storage;

namespace ScanEngineAdmin.Core.Engine;

/// <summary>
/// The port that a change of direction named for this engine's listener, in place of the configured one. It outlives
/// a restart, or the console would dial a port that nobody opens; a newly configured port wins over it.
/// </summary>
internal static class ListenPort
{
    public static int Read(IEngineStore store, int configured) =>
        int.TryParse(store.GetSetting(Key(configured)), NumberStyles.None, CultureInfo.InvariantCulture, out int named)
            ? named
            : configured;

    public static void Write(IEngineStore store, int configured, int named) =>
        store.SetSetting(Key(configured), named.ToString(CultureInfo.InvariantCulture));

    /// <summary>When no console dials this engine any more (the change was rolled back, or changed back).</summary>
    public static void Forget(IEngineStore store, int configured)
    {
        if (store.ListConsoles().All(console => console.Direction == CommunicationDirection.EngineToConsole))
        {
            store.SetSetting(Key(configured), null);
        }
    }

    private static string Key(int configured) =>
        string.Create(CultureInfo.InvariantCulture, $"listen.port.for.{configured}");
}
