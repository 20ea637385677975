using System.Globalization;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Core.Engine;

/// <summary>
/// The port that a change of direction named for this engine's listener, in place of the configured one. It outlives a
/// restart while the change is in doubt, and stays when the change was committed, also while the engine polls again:
/// the console keeps that port for this engine and dials it the next time. A newly configured port wins over it.
/// </summary>
internal static class ListenPort
{
    public static int Read(IEngineStore store, int configured) =>
        Stored(store, InDoubt(configured)) ?? Stored(store, Settled(configured)) ?? configured;

    /// <summary>A change has named it; whether it holds, the outcome says.</summary>
    public static void Name(IEngineStore store, int configured, int named) =>
        store.SetSetting(InDoubt(configured), named.ToString(CultureInfo.InvariantCulture));

    /// <summary>The change is over: the port named stays, or is forgotten.</summary>
    public static void Settle(IEngineStore store, int configured, bool stays)
    {
        if (store.GetSetting(InDoubt(configured)) is not { } named)
        {
            return;
        }

        if (stays)
        {
            store.SetSetting(Settled(configured), named);
        }

        store.SetSetting(InDoubt(configured), null);
    }

    private static int? Stored(IEngineStore store, string key) =>
        int.TryParse(store.GetSetting(key), NumberStyles.None, CultureInfo.InvariantCulture, out int port)
            ? port
            : null;

    private static string Settled(int configured) =>
        string.Create(CultureInfo.InvariantCulture, $"listen.port.for.{configured}");

    private static string InDoubt(int configured) => Settled(configured) + ".in.doubt";
}
