using System.Text.Json;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Scanning.Schedules;

namespace ScanEngineAdmin.Core.Directions;

/// <summary>The maintenance windows of the whole console, as its store has them.</summary>
internal sealed record ConsoleBlackOut(IReadOnlyList<string> Windows, string TimeZone)
{
    public static ConsoleBlackOut None { get; } = new([], "UTC");

    public static ConsoleBlackOut Read(INodeStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        try
        {
            ConsoleBlackOut read = store.GetSetting(ConsoleSettings.BlackOut) is { } text
                ? JsonSerializer.Deserialize<ConsoleBlackOut>(text) ?? None
                : None;
            return read is { Windows: { } windows, TimeZone: not null } && !windows.Contains(null)
                ? new([.. windows.Select(Line)], Line(read.TimeZone))
                : throw new JsonException("a part of them is missing.");
        }
        catch (JsonException e)
        {
            throw new ScanEngineException(
                FaultCode.StoreDamaged,
                $"The console's maintenance windows cannot be read: {e.Message}",
                "Set them anew: Set-EngineScanBlackOut.",
                ConsoleSettings.BlackOut,
                e);
        }
    }

    // Whoever owns the store may have written it.
    private static string Line(string text) => PeerText.Line(text, text.Length);

    /// <exception cref="ScanEngineException">ScheduleInvalid.</exception>
    public BlackOut Understood() => BlackOut.Of(Windows, TimeZone);

    public void Write(INodeStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        store.SetSetting(ConsoleSettings.BlackOut, Windows.Count == 0 ? null : JsonSerializer.Serialize(this));
    }
}
