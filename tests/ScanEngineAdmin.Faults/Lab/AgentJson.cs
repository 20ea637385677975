using Newtonsoft.Json;
using Newtonsoft.Json.Converters;

namespace ScanEngineAdmin.Faults.Lab;

/// <summary>One message a line.</summary>
internal static class AgentJson
{
    private static readonly JsonSerializerSettings Settings = new()
    {
        Converters = [new StringEnumConverter()],
        Formatting = Formatting.None,
        MaxDepth = 16,
    };

    public static string Write(object message) => JsonConvert.SerializeObject(message, Settings);

    public static T Read<T>(string line)
        where T : class => JsonConvert.DeserializeObject<T>(line, Settings)
            ?? throw new InvalidDataException("No message: " + line);
}
