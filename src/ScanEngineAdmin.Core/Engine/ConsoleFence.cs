using System.Globalization;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Nodes;

namespace ScanEngineAdmin.Core.Engine;

/// <summary>
/// Of two consoles with one identity the one imported later is served, and the other turned away: an old host that was
/// not switched off must not undo what the new one does. What an engine has met once it knows for ever.
/// </summary>
internal static class ConsoleFence
{
    /// <summary>Why this copy of the console is not served; null if it is, and then it is remembered.</summary>
    public static Refusal? Judge(EngineContext node, ConsoleRecord console, PeerHello hello)
    {
        // Two copies that come at once must not both find the earlier number, and the earlier one write last.
        lock (node.Fence)
        {
            return JudgeHeld(node, console, hello);
        }
    }

    private static Refusal? JudgeHeld(EngineContext node, ConsoleRecord console, PeerHello hello)
    {
        string key = $"generation.{console.PairingId:D}";
        long said = HelloFacts.From(hello).Generation ?? 0;
        long known = long.TryParse(
            node.Store.GetSetting(key), NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : 0;
        if (said < known)
        {
            return new Refusal(
                RefusalCode.IdentityConflict,
                "A copy of this console that was imported later has taken over: stop this one, or, if it is to go on, "
                    + $"export it and import it again{Ahead(node, known)}.");
        }

        if (said > known)
        {
            node.Store.SetSetting(key, said.ToString(CultureInfo.InvariantCulture));
            node.Audit(Events.ConsoleMoved, console, hello.Name, $"a later copy of the console, of generation {said}");
        }

        return null;
    }

    // Imported on a host whose clock was ahead: by the right one no import would be later for a long time.
    private static string Ahead(EngineContext node, long known)
    {
        const long last = 253_402_300_799_999;
        return known <= node.Now.ToUnixTimeMilliseconds() ? string.Empty : string.Create(
            CultureInfo.InvariantCulture,
            $" with -LaterThan '{DateTimeOffset.FromUnixTimeMilliseconds(Math.Min(known, last)):u}'");
    }
}
