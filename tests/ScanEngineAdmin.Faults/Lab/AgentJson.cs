using System.Globalization;
using Newtonsoft.Json;
using Newtonsoft.Json.Converters;

namespace ScanEngineAdmin.Faults.Lab;

/// <summary>One message a line.</summary>
internal static class AgentJson
{
    private static readonly JsonSerializer Serializer = JsonSerializer.Create(new JsonSerializerSettings
    {
        Converters = [new StringEnumConverter()],
        Formatting = Formatting.None,
        MaxDepth = 16,
    });

    public static string Write(object message)
    {
        using var line = new StringWriter(CultureInfo.InvariantCulture);
        Serializer.Serialize(line, message);
        return line.ToString();
    }

    public static T Read<T>(string line)
        where T : class
    {
        using var reader = new JsonTextReader(new StringReader(line));
        return Serializer.Deserialize<T>(reader) ?? throw new InvalidDataException("No message: " + line);
    }
}
