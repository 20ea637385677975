using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace ScanEngineAdmin.Firewall.Tools;

/// <summary>
/// JSON that a tool of the host printed or that stands in a file. Reading ends in a value or in the one exception that
/// the caller makes of all others: a field that is missing or of another kind than expected throws one of many.
/// </summary>
internal static class ForeignJson
{
    /// <param name="text">The JSON; what a tool complains about may follow.</param>
    /// <param name="read">Makes a value of it, whole: nothing of the JSON is read later.</param>
    /// <param name="unreadable">What to throw, for the cause given.</param>
    public static T Read<T>(string text, Func<JToken, T> read, Func<Exception, Exception> unreadable)
    {
        try
        {
            using var reader = new JsonTextReader(new StringReader(text))
            {
                MaxDepth = 128,
                DateParseHandling = DateParseHandling.None,
            };
            return read(JToken.ReadFrom(reader));
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw unreadable(e);
        }
    }
}
