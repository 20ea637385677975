using Newtonsoft.Json;
using Newtonsoft.Json.Converters;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Scanning.Targets;

namespace ScanEngineAdmin.Core.Engine;

/// <summary>The engine's target policy in its store.</summary>
internal static class EnginePolicy
{
    private const string Key = "policy";

    public static TargetPolicy Read(IEngineStore store)
    {
        if (store.GetSetting(Key) is not { } text)
        {
            return new TargetPolicy();
        }

        using var json = new LineJsonReader(new StringReader(text)) { MaxDepth = 4 };
        try
        {
            return Serializer().Deserialize<TargetPolicy>(json) ?? throw Damaged(null);
        }
        catch (Exception exception) when (PeerJson.IsUnreadable(exception))
        {
            // Never "no policy": an unreadable one must not open what it was to keep closed.
            throw Damaged(exception);
        }
    }

    public static string Write(TargetPolicy policy)
    {
        using var text = new StringWriter();
        Serializer().Serialize(text, policy);
        return text.ToString();
    }

    public static void Save(IEngineStore store, TargetPolicy policy) => store.SetSetting(Key, Write(policy));

    private static JsonSerializer Serializer() => JsonSerializer.Create(new JsonSerializerSettings
    {
        TypeNameHandling = TypeNameHandling.None,
        MissingMemberHandling = MissingMemberHandling.Error,
        MaxDepth = 4,
        Converters = { new StringEnumConverter() },

        // A policy of a kind that an older program knows stays one that it can read.
        DefaultValueHandling = DefaultValueHandling.Ignore,
    });

    private static ScanEngineException Damaged(Exception? cause) => new(
        FaultCode.StoreDamaged,
        "The engine's target policy cannot be read, so nothing may be scanned from here.",
        "Write it again with Set-EngineScanPolicy.",
        Key,
        cause);
}
