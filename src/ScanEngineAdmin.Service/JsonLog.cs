using System.Globalization;
using Newtonsoft.Json;
using ScanEngineAdmin.Core.Nodes;

namespace ScanEngineAdmin.Service;

/// <summary>One JSON object a line on standard output, for a journal or a collector.</summary>
internal sealed class JsonLog(TextWriter output)
{
    private readonly object _gate = new();

    public void Write(LogEntry entry)
    {
        if (entry.Level == LogLevel.Debug)
        {
            return;
        }

        using var line = new StringWriter(CultureInfo.InvariantCulture);
        using (var json = new JsonTextWriter(line))
        {
            json.WriteStartObject();
            Put(json, "time", entry.Time.ToString("O", CultureInfo.InvariantCulture));
            Put(json, "level", entry.Level.ToString());
            Put(json, "event", entry.Event);
            Put(json, "message", entry.Message);
            foreach ((string name, string value) in entry.Fields)
            {
                Put(json, name, value);
            }

            json.WriteEndObject();
        }

        lock (_gate)
        {
            try
            {
                output.WriteLine(line.ToString());
                output.Flush();
            }
            catch (IOException)
            {
                // Whoever read the log is gone; the node is not.
            }
        }
    }

    private static void Put(JsonTextWriter json, string name, string value)
    {
        json.WritePropertyName(name);
        json.WriteValue(value);
    }
}
