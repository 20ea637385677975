using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ScanEngineAdmin.Core.Nodes;

/// <summary>
/// A line of a node's log as one JSON object, for a journal, a file or a collector: time, level, event, message, and the
/// facts. Line breaks of every kind are escaped, so that what a peer says makes no line of its own.
/// </summary>
internal static class LogLine
{
    // Quotes within a text stay readable.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>In UTF-8, without the end of the line.</summary>
    public static ReadOnlyMemory<byte> Of(LogEntry entry)
    {
        var line = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(line, Options))
        {
            json.WriteStartObject();
            json.WriteString("time", entry.Time.ToString("O", CultureInfo.InvariantCulture));
            json.WriteString("level", entry.Level.ToString());
            json.WriteString("event", entry.Event);
            json.WriteString("message", entry.Message);
            foreach ((string name, string value) in entry.Fields)
            {
                json.WriteString(name, value);
            }

            json.WriteEndObject();
        }

        return line.WrittenMemory;
    }
}
