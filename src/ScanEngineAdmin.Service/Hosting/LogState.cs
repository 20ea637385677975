using System.Collections;
using ScanEngineAdmin.Core.Nodes;

namespace ScanEngineAdmin.Service.Hosting;

/// <summary>A line of a node's log in the form that loggers take: its text and the facts that it is about.</summary>
internal sealed class LogState : IReadOnlyList<KeyValuePair<string, object?>>
{
    /// <summary>The property that holds the text.</summary>
    public const string TextName = "Text";

    /// <summary>The property that holds the time at which it happened.</summary>
    public const string TimeName = "Time";

    private readonly KeyValuePair<string, object?>[] _facts;

    private LogState(string text, KeyValuePair<string, object?>[] facts) => (Text, _facts) = (text, facts);

    public string Text { get; }

    public int Count => _facts.Length;

    public KeyValuePair<string, object?> this[int index] => _facts[index];

    public static LogState Of(LogEntry entry) => new(entry.Message,
    [
        .. entry.Fields.Select(static fact => new KeyValuePair<string, object?>(fact.Key, fact.Value)),
        new(TimeName, entry.Time),
        new(TextName, entry.Message),

        // The template is always the same one: the text may hold anything, braces too.
        new("{OriginalFormat}", "{Text:l}"),
    ]);

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() => _facts.AsEnumerable().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override string ToString() => Text;
}
