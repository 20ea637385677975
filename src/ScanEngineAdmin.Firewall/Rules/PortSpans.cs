using System.Globalization;

namespace ScanEngineAdmin.Firewall.Rules;

/// <summary>The ports a rule is about, as any provider writes them; none means all.</summary>
internal sealed class PortSpans
{
    private readonly List<(int From, int To)> _spans = [];

    public void Add(int from, int to) => _spans.Add((from, to));

    /// <summary>Reads 40814, 40000-41000, 40000:41000 and lists of them; what is not a number is left out.</summary>
    public static PortSpans Read(string text)
    {
        var spans = new PortSpans();
        foreach (string part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            string[] ends = part.Split(['-', ':']);
            if (Number(ends[0]) is { } from && Number(ends[^1]) is { } to)
            {
                spans.Add(from, to);
            }
        }

        return spans;
    }

    /// <summary>The one port it is about, if it is about one.</summary>
    public int? Only => _spans.Count == 1 && _spans[0].From == _spans[0].To ? _spans[0].From : null;

    public bool IsAll => _spans.Count == 0;

    public bool Touches(IReadOnlyCollection<int> ports) =>
        IsAll || ports.Any(port => _spans.Any(span => span.From <= port && port <= span.To));

    private static int? Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;
}
