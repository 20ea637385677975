using System.Globalization;
using System.Management.Automation;
using ScanEngineAdmin.Core;
using ScanEngineAdmin.Core.Direction;
using ScanEngineAdmin.Core.Firewall;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin;

/// <summary>The direction column of the table views: who dials whom, at which port.</summary>
public static class DirectionArrow
{
    /// <summary>Draws the arrow for an engine, a console or a plan, also when it came through remoting.</summary>
    public static string Of(object? item, bool plain)
    {
        if (item is null)
        {
            return string.Empty;
        }

        PSObject wrapped = PSObject.AsPSObject(item);
        string? text = (wrapped.Properties["Direction"] ?? wrapped.Properties["To"])?.Value?.ToString();
        if (text is null || !DirectionAttribute.TryRead(text, out CommunicationDirection direction))
        {
            return text ?? string.Empty;
        }

        int port = PlannedPort(wrapped) ?? (direction == CommunicationDirection.EngineToConsole
            ? (wrapped.BaseObject as ScanEngine)?.ConsolePort ?? WellKnownPorts.Console
            : Number(wrapped, "Port") ?? WellKnownPorts.Engine);
        return Draw(direction, port, plain || System.Console.OutputEncoding.CodePage != 65001);
    }

    internal static string Draw(CommunicationDirection direction, int port, bool plain)
    {
        string number = port.ToString(CultureInfo.InvariantCulture);
        return (direction, plain) switch
        {
            (CommunicationDirection.ConsoleToEngine, false) => $"console ──{number}──▶ engine",
            (CommunicationDirection.ConsoleToEngine, true) => $"console --{number}--> engine",
            (_, false) => $"console ◀──{number}── engine",
            (_, true) => $"console <--{number}-- engine",
        };
    }

    // A plan says by its rules at which port the new way comes in.
    private static int? PlannedPort(PSObject item)
    {
        if (item.Properties["Rules"]?.Value is not { } rules)
        {
            return null;
        }

        return LanguagePrimitives.GetEnumerable(rules)?.Cast<object>().Select(PSObject.AsPSObject)
            .Where(rule => rule.Properties["Flow"]?.Value?.ToString() == nameof(RuleFlow.In)
                && rule.Properties["Change"]?.Value?.ToString() != nameof(RuleChange.Remove))
            .Select(rule => Number(rule, "LocalPort")).FirstOrDefault();
    }

    private static int? Number(PSObject item, string property) =>
        item.Properties[property]?.Value is { } value && LanguagePrimitives.TryConvertTo(value, out int number)
            ? number
            : null;

    /// <summary>How long ago a time was, or how far off it is, in the two-letter words of a table.</summary>
    public static string Age(DateTime? time) => Age(time, DateTime.Now);

    internal static string Age(DateTime? time, DateTime now)
    {
        if (time is null)
        {
            return string.Empty;
        }

        TimeSpan span = now - time.Value.ToLocalTime();
        TimeSpan length = span.Duration();
        string text = length switch
        {
            { TotalSeconds: < 1 } => "now",
            { TotalMinutes: < 2 } => $"{(int)length.TotalSeconds} s",
            { TotalHours: < 2 } => $"{(int)length.TotalMinutes} min",
            { TotalDays: < 2 } => $"{(int)length.TotalHours} h",
            _ => $"{(int)length.TotalDays} d",
        };
        return text == "now" ? text : span > TimeSpan.Zero ? text + " ago" : "in " + text;
    }
}
