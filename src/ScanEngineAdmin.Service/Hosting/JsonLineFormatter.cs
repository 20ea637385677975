using System.Text;
using ScanEngineAdmin.Core.Nodes;
using Serilog.Events;
using Serilog.Formatting;

namespace ScanEngineAdmin.Service.Hosting;

/// <summary>A logger's event as the line of a node's log that it was.</summary>
internal sealed class JsonLineFormatter : ITextFormatter
{
    private static readonly HashSet<string> NotFacts =
        [LogState.TextName, LogState.TimeName, "EventId", "SourceContext", "{OriginalFormat}"];

    public void Format(LogEvent logEvent, TextWriter output)
    {
        var entry = new LogEntry(
            Time(logEvent),
            logEvent.Level switch
            {
                LogEventLevel.Verbose or LogEventLevel.Debug => LogLevel.Debug,
                LogEventLevel.Information => LogLevel.Information,
                LogEventLevel.Warning => LogLevel.Warning,
                _ => LogLevel.Error,
            },
            EventName(logEvent),
            Value(logEvent, LogState.TextName) as string ?? logEvent.RenderMessage(null),
            logEvent.Properties.Where(static one => !NotFacts.Contains(one.Key)).ToDictionary(
                static one => one.Key, static one => (one.Value as ScalarValue)?.Value?.ToString() ?? string.Empty));
        output.WriteLine(Encoding.UTF8.GetString(LogLine.Of(entry).Span));
    }

    private static DateTimeOffset Time(LogEvent logEvent) =>
        Value(logEvent, LogState.TimeName) is DateTimeOffset time ? time : logEvent.Timestamp;

    private static string EventName(LogEvent logEvent) =>
        logEvent.Properties.GetValueOrDefault("EventId") is StructureValue id
            && id.Properties.FirstOrDefault(static part => part.Name == "Name")?.Value is ScalarValue { Value: string name }
            ? name
            : "Host";

    private static object? Value(LogEvent logEvent, string name) =>
        (logEvent.Properties.GetValueOrDefault(name) as ScalarValue)?.Value;
}
