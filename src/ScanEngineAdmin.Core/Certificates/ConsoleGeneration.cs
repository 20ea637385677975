using System.Globalization;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Core.Certificates;

/// <summary>
/// Which of several copies of a console is the one. Every import begins a later generation; the console says it in its
/// hello, and an engine that has met a later one turns the earlier away. One that was never imported is at 0.
/// </summary>
internal static class ConsoleGeneration
{
    private const string Key = "generation";

    public static long Read(INodeStore store) => long.TryParse(
        store.GetSetting(Key), NumberStyles.None, CultureInfo.InvariantCulture, out long known) ? known : 0;

    /// <summary>
    /// What a session says that dials an engine in this console's name, lest it pass for an old copy.
    /// </summary>
    public static IReadOnlyDictionary<string, string> Said(INodeStore store) =>
        new HelloFacts { Generation = Read(store) is > 0 and var generation ? generation : null }.ToProperties();

    /// <summary>
    /// Later than the export's own, and, as far as the clocks of two hosts agree, than any import of it made before.
    /// Where they did not agree, an admin says later than what.
    /// </summary>
    public static void Begin(INodeStore store, DateTimeOffset now, DateTimeOffset? laterThan)
    {
        long next = Math.Max(Read(store) + 1, now.ToUnixTimeMilliseconds());
        next = Math.Max(next, laterThan?.ToUnixTimeMilliseconds() + 1000 ?? 0);
        store.SetSetting(Key, next.ToString(CultureInfo.InvariantCulture));
    }
}
