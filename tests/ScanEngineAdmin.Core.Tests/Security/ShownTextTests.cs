using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Directions;
using ScanEngineAdmin.Core.Engine;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Scanning.Targets;
using ScanEngineAdmin.Storage;

namespace ScanEngineAdmin.Core.Tests.Security;

/// <summary>
/// What somebody else wrote, a peer or the owner of a store, and a person will read: lines that move no cursor and turn
/// no reading direction, whatever message or setting they are in.
/// </summary>
public sealed class ShownTextTests : IDisposable
{
    private const string Hostile = "a\u001b[2J\r\n\u202eb\u2066\u0007";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sea-shown-");

    public void Dispose() => _folder.Delete(recursive: true);

    public static TheoryData<Type> Messages { get; } = [.. typeof(WireJson).Assembly.GetTypes().Where(type =>
        type.Namespace == typeof(WireJson).Namespace && type.GetMethod("<Clone>$") is not null && Texts(type).Any())];

    [Theory, MemberData(nameof(Messages))]
    public void Every_text_of_every_message_is_read_as_a_line(Type message)
    {
        byte[] bytes = (byte[])Call(nameof(WireJson.Write), message, Filled(message))!;
        Assert.Contains(@"\u001b[2J", Encoding.UTF8.GetString(bytes), StringComparison.Ordinal);

        object read = Call(nameof(WireJson.Read), message, new ReadOnlyMemory<byte>(bytes))!;

        string[] texts = [.. Said(read)];
        Assert.NotEmpty(texts);
        Assert.All(texts, text => Assert.Equal("a [2J   b  ", PeerText.IsLine(text, 100) ? text : "no line"));
    }

    [Fact]
    public void A_list_with_a_gap_is_malformed()
    {
        foreach (Action read in (Action[])[
            () => WireJson.Read<ScanSync>("""{"scans":[null]}"""u8.ToArray()),
            () => WireJson.Read<DirectionPrepared>("""{"firewall":{"rules":[null]}}"""u8.ToArray()),
            () => WireJson.Read<ScanStart>(
                """
                {"scanId":"5f0c0000-1111-2222-3333-444444444444","attempt":1,"targets":["10.0.0.1",null],"ports":"1",
                "timeoutMs":1,"parallelism":1,"maxRate":0,"bannerTimeoutMs":0}
                """u8.ToArray())])
        {
            Assert.Equal((int)RequestCode.Malformed, Assert.Throws<PeerRequestException>(read).Code);
        }
    }

    [Fact]
    public void The_settings_of_a_hostile_store_are_lines_too()
    {
        string text = Newtonsoft.Json.JsonConvert.ToString(Hostile);
        using IEngineStore engine = new SqliteStoreProvider().OpenEngine(_folder.FullName);
        engine.SetSetting("policy", $"{{\"Deny\":[{text}]}}");

        TargetPolicy policy = EnginePolicy.Read(engine);

        using IConsoleStore console = new SqliteStoreProvider().OpenConsole(_folder.CreateSubdirectory("c").FullName);
        console.SetSetting(ConsoleSettings.BlackOut, $"{{\"Windows\":[{text}],\"TimeZone\":{text}}}");

        ConsoleBlackOut windows = ConsoleBlackOut.Read(console);
        Assert.All(
            [.. policy.Deny, .. windows.Windows, windows.TimeZone], shown => Assert.True(PeerText.IsLine(shown, 100)));
    }

    [Theory]
    [InlineData("""{"MaxRate":99999999999999999999}""")]
    [InlineData("""{"MaxRate":1e99}""")]
    [InlineData("""{"Deny":[null]}""")]
    [InlineData("""{"Deny":[["10.0.0.1"]]}""")]
    [InlineData("""{"OnDenied":99999999999999999999}""")]
    [InlineData("""{"AllowNmap":"x"}""")]
    [InlineData("""[1]""")]
    [InlineData("")]
    [InlineData("nothing")]
    public void A_policy_that_cannot_be_read_is_a_damaged_store(string text)
    {
        using IEngineStore engine = new SqliteStoreProvider().OpenEngine(_folder.FullName);
        engine.SetSetting("policy", text);

        ScanEngineException refused = Assert.Throws<ScanEngineException>(() => EnginePolicy.Read(engine));

        Assert.Equal(FaultCode.StoreDamaged, refused.Code);
    }

    private static object? Call(string method, Type message, object argument) => typeof(WireJson).GetMethod(method)!
        .MakeGenericMethod(message).Invoke(null, [argument]);

    private static IEnumerable<PropertyInfo> Texts(Type type) => type.GetProperties().Where(property =>
        property.CanWrite && (IsText(property.PropertyType) || Nested(property.PropertyType) is { } inner && Texts(inner).Any()));

    private static bool IsText(Type type) => type == typeof(string) || type == typeof(IReadOnlyList<string>);

    // Of a member that is a message itself, or a list of them.
    private static Type? Nested(Type type)
    {
        Type one = type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>)
            ? type.GetGenericArguments()[0] : type;
        return one.Namespace == typeof(WireJson).Namespace && one.IsClass ? one : null;
    }

    private static object Filled(Type type)
    {
        object message = RuntimeHelpers.GetUninitializedObject(type);
        foreach (PropertyInfo property in type.GetProperties().Where(static property => property.CanWrite))
        {
            Type kind = property.PropertyType;
            object? value = kind == typeof(string) ? Hostile
                : kind == typeof(IReadOnlyList<string>) ? new List<string> { Hostile }
                : Nested(kind) is not { } inner ? property.GetValue(message)
                : inner == kind ? Filled(inner) : ListOf(inner);
            property.SetValue(message, value);
        }

        return message;

        static IList ListOf(Type inner)
        {
            var list = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(inner))!;
            list.Add(Filled(inner));
            return list;
        }
    }

    private static IEnumerable<string> Said(object? value) => value switch
    {
        string text => [text],
        IEnumerable many and not byte[] => many.Cast<object?>().SelectMany(Said),
        { } one when one.GetType().Namespace == typeof(WireJson).Namespace =>
            one.GetType().GetProperties().SelectMany(property => Said(property.GetValue(one))),
        _ => [],
    };
}
