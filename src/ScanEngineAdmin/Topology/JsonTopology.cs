using System.Text;
using System.Text.Json;

namespace ScanEngineAdmin.Topology;

/// <summary>The data by docs/topology.schema.json; a change that a reader can notice has a new version.</summary>
internal static class JsonTopology
{
    public const int Version = 1;

    public static string Write(TopologyModel model)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("schema", "scanengineadmin-topology");
            json.WriteNumber("version", Version);
            json.WriteString("generated", model.Generated.UtcDateTime);
            Console(json, model.Console);
            json.WriteStartArray("engines");
            foreach (TopologyEngine engine in model.Engines)
            {
                Engine(json, model, engine);
            }

            json.WriteEndArray();
            json.WriteStartArray("pools");
            foreach (TopologyGroup group in model.Groups.Where(static group => group.Pool is not null))
            {
                json.WriteStartObject();
                json.WriteString("name", group.Pool);
                Strings(json, "engines", group.Engines.OrderBy(static e => e.Index).Select(static e => e.Name));
                json.WriteEndObject();
            }

            json.WriteEndArray();
            Firewall(json, model);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray()).ReplaceLineEndings("\n") + "\n";
    }

    private static void Console(Utf8JsonWriter json, TopologyConsole console)
    {
        json.WriteStartObject("console");
        json.WriteString("name", console.Name);
        json.WriteString("state", console.IsRunning ? "Running" : "Stopped");
        json.WriteString("endPoint", console.EndPoint);
        json.WriteString("fingerprint", console.Fingerprint);
        json.WriteEndObject();
    }

    private static void Engine(Utf8JsonWriter json, TopologyModel model, TopologyEngine engine)
    {
        json.WriteStartObject();
        json.WriteString("name", engine.Name);
        json.WriteString("address", engine.Address);
        Number(json, "port", engine.Port);
        json.WriteString("direction", engine.Direction.ToString());
        json.WriteBoolean("paired", engine.IsPaired);
        json.WriteString("status", engine.Status.ToString());
        json.WriteString("statusDetail", engine.StatusDetail);
        Time(json, "lastContact", engine.LastContact);
        Number(json, "ageSeconds", engine.LastContact is { } last ? (long)(model.Generated - last).TotalSeconds : null);
        json.WriteString("version", engine.Version);
        if (engine.Change is { } change)
        {
            json.WriteStartObject("change");
            json.WriteString("to", change.To.ToString());
            json.WriteString("state", change.State.ToString());
            Time(json, "requested", change.Requested);
            json.WriteEndObject();
        }
        else
        {
            json.WriteNull("change");
        }

        Strings(json, "pools", engine.Pools);
        json.WriteEndObject();
    }

    private static void Firewall(Utf8JsonWriter json, TopologyModel model)
    {
        if (model.Firewall is not { } firewall)
        {
            json.WriteNull("firewall");
            return;
        }

        json.WriteStartObject("firewall");
        json.WriteString("provider", firewall.Provider);
        json.WriteString("reason", firewall.Reason);
        json.WriteStartArray("drift");
        foreach (TopologyDrift drift in firewall.Drift)
        {
            json.WriteStartObject();
            json.WriteString("engine", drift.Engine is { } index ? model.Engines[index].Name : null);
            json.WriteString("kind", drift.Kind);
            json.WriteString("ruleId", drift.RuleId);
            Number(json, "port", drift.Port);
            json.WriteString("detail", drift.Detail);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Strings(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (string value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }

    private static void Number(Utf8JsonWriter json, string name, long? number)
    {
        if (number is { } value)
        {
            json.WriteNumber(name, value);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    private static void Time(Utf8JsonWriter json, string name, DateTimeOffset? time)
    {
        if (time is { } value)
        {
            json.WriteString(name, value.UtcDateTime);
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
