using System.Globalization;
using System.Management.Automation;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Firewall.Rules;

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
        if (text is null || !DirectionConverter.TryRead(text, out CommunicationDirection direction))
        {
            return text ?? string.Empty;
        }

        string own = direction == CommunicationDirection.EngineToConsole ? "ConsolePort" : "Port";
        return Draw(
            direction,
            PlannedPort(wrapped) ?? TestedPort(wrapped) ?? Number(wrapped, own),
            plain || System.Console.OutputEncoding.CodePage != 65001);
    }

    /// <summary>Draws it; without the number where the port is not known.</summary>
    internal static string Draw(CommunicationDirection direction, int? port, bool plain)
    {
        string line = plain ? "--" : "──";
        string way = port is { } number ? string.Create(CultureInfo.InvariantCulture, $"{line}{number}{line}") : line;
        return (direction, plain) switch
        {
            (CommunicationDirection.ConsoleToEngine, false) => $"console {way}▶ engine",
            (CommunicationDirection.ConsoleToEngine, true) => $"console {way}> engine",
            (_, false) => $"console ◀{way} engine",
            (_, true) => $"console <{way} engine",
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

    // A test says where it tested, which need not be where the engine is dialled else.
    private static int? TestedPort(PSObject item) =>
        item.Properties["EndPoint"]?.Value?.ToString() is { } tested
            && int.TryParse(tested[(tested.LastIndexOf(':') + 1)..], CultureInfo.InvariantCulture, out int port)
            ? port
            : null;

    private static int? Number(PSObject item, string property) =>
        item.Properties[property]?.Value is { } value && LanguagePrimitives.TryConvertTo(value, out int number)
            ? number
            : null;

    /// <summary>How long ago a time was, or how far off it is, in the two-letter words of a table.</summary>
    public static string Age(DateTime? time) => Age(time, DateTime.Now);

    internal static string Age(DateTime? time, DateTime now) =>
        time is null ? string.Empty : Age(now - time.Value.ToLocalTime());

    internal static string Age(TimeSpan span)
    {
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
