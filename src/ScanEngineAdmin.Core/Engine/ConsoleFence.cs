using System.Globalization;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Nodes;

namespace ScanEngineAdmin.Core.Engine;

/// <summary>
/// Of two consoles with one identity the one imported later is served, and the other turned away: an old host that was
/// not switched off must not undo what the new one does. An engine never forgets the latest copy that it has served.
/// </summary>
internal static class ConsoleFence
{
    /// <summary>Why this copy of the console is not served; null if it is.</summary>
    public static Refusal? Judge(EngineContext node, ConsoleRecord console, PeerHello hello)
    {
        long known = Known(node, console);
        return Generation(hello) >= known ? null : new Refusal(
            RefusalCode.IdentityConflict,
            "A copy of this console that was imported later has taken over: stop this one, or, if it is to go on, "
                + $"export it and import it again{Ahead(node, known)}.");
    }

    /// <summary>
    /// Remembers this copy as the later one; as <see cref="Judge"/> if a later one has come since that was asked.
    /// </summary>
    public static Refusal? Remember(EngineContext node, ConsoleRecord console, PeerHello hello)
    {
        // Two copies that come at once must not both find the earlier number, and the earlier one write last.
        lock (node.Fence)
        {
            long said = Generation(hello);
            if (said > Known(node, console))
            {
                node.Store.SetSetting(Key(console), said.ToString(CultureInfo.InvariantCulture));
                node.Audit(Events.ConsoleMoved, console, hello.Name, $"a later copy of the console, of generation {said}");
            }

            return Judge(node, console, hello);
        }
    }

    private static string Key(ConsoleRecord console) => $"generation.{console.PairingId:D}";

    private static long Generation(PeerHello hello) => HelloFacts.From(hello).Generation ?? 0;

    private static long Known(EngineContext node, ConsoleRecord console) =>
        long.TryParse(
            node.Store.GetSetting(Key(console)), NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            ? number
            : 0;

    // Imported on a host whose clock was ahead: by the right one no import would be later for a long time.
    private static string Ahead(EngineContext node, long known)
    {
        const long last = 253_402_300_799_999;
        return known <= node.Now.ToUnixTimeMilliseconds() ? string.Empty : string.Create(
            CultureInfo.InvariantCulture,
            $" with -LaterThan '{DateTimeOffset.FromUnixTimeMilliseconds(Math.Min(known, last)):u}'");
    }
}
