using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Data.Sqlite;
using ScanEngineAdmin.Channel;

namespace ScanEngineAdmin.Storage.Sqlite;

/// <summary>
/// Reads the columns of a row from left to right, each call the next one. Whoever owns the folder may have written the
/// store: no text in it moves the cursor of a terminal.
/// </summary>
internal sealed class Row(SqliteDataReader reader)
{
    // What is reckoned with them stays within the calendar, whoever wrote the store.
    private const int LastYear = 8000;
    private static readonly TimeSpan LongestDuration = TimeSpan.FromDays(366 * 1000);

    private static readonly JsonSerializerOptions Lines = new() { Converters = { new LineConverter() } };

    private int _next;

    public void Start() => _next = 0;

    public string Text() => Line(reader.GetString(_next++));

    public string? TextOrNull() => reader.IsDBNull(_next) ? Skip<string>() : Text();

    public byte[] Bytes() => reader.GetFieldValue<byte[]>(_next++);

    public long Long() => reader.GetInt64(_next++);

    public long? LongOrNull() => reader.IsDBNull(_next) ? SkipValue<long>() : Long();

    public int Int() => reader.GetInt32(_next++);

    public int? IntOrNull() => reader.IsDBNull(_next) ? SkipValue<int>() : Int();

    public bool Flag() => Long() != 0;

    public bool? FlagOrNull() => reader.IsDBNull(_next) ? SkipValue<bool>() : Flag();

    public Guid Id() => Guid.ParseExact(Text(), "D");

    public Guid? IdOrNull() => reader.IsDBNull(_next) ? SkipValue<Guid>() : Id();

    public DateTimeOffset Time()
    {
        var time = new DateTimeOffset(Long(), TimeSpan.Zero);
        return time.Year <= LastYear ? time : throw new FormatException($"no time is in {time.Year}");
    }

    public DateTimeOffset? TimeOrNull() => reader.IsDBNull(_next) ? SkipValue<DateTimeOffset>() : Time();

    public TimeSpan Duration()
    {
        var duration = new TimeSpan(Long());
        return duration.Duration() <= LongestDuration ? duration : throw new FormatException("no duration is so long");
    }

    public TimeSpan? DurationOrNull() => reader.IsDBNull(_next) ? SkipValue<TimeSpan>() : Duration();

    public TName Name<TName>()
        where TName : struct, Enum => Enum.Parse<TName>(Text());

    public TName? NameOrNull<TName>()
        where TName : struct, Enum => reader.IsDBNull(_next) ? SkipValue<TName>() : Name<TName>();

    public Fingerprint Pin() => TextOrNull() is { } hex ? Fingerprint.Parse(hex) : default;

    public IReadOnlyList<Fingerprint> Pins() =>
        [.. Text().Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Fingerprint.Parse)];

    public T Json<T>()
        where T : class => JsonSerializer.Deserialize<T>(Text(), Lines) ?? throw new FormatException("JSON without a value.");

    public IReadOnlyList<string> Texts() =>
        [.. Json<List<string?>>().Select(static text => text ?? throw new FormatException("JSON with a text that is none."))];

    public T? JsonOrNull<T>()
        where T : class => reader.IsDBNull(_next) ? Skip<T>() : Json<T>();

    public static string? ToJson<T>(T? value)
        where T : class => value is null ? null : JsonSerializer.Serialize(value);

    public static string ToText(IReadOnlyList<Fingerprint> pins) => string.Join(' ', pins.Select(pin => pin.Hex));

    private static string Line(string text) => PeerText.Line(text, text.Length);

    private T? Skip<T>()
        where T : class
    {
        _next++;
        return null;
    }

    private T? SkipValue<T>()
        where T : struct
    {
        _next++;
        return null;
    }

    private sealed class LineConverter : JsonConverter<string>
    {
        public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.GetString() is { } text ? Line(text) : null;

        public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value);
    }
}
