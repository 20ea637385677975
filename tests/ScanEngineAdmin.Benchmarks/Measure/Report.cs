using System.Text.Json;

namespace ScanEngineAdmin.Benchmarks.Measure;

/// <summary>What is said of a run: figures as they come, and one closing line for each benchmark.</summary>
internal sealed class Report(TextWriter output)
{
    private readonly List<Entry> _entries = [];
    private string _current = string.Empty;

    /// <summary>One bar of the picture.</summary>
    internal sealed record Bar(string Benchmark, string Group, string Name, Series Series, string Unit);

    private sealed record Entry(
        string Benchmark,
        string What,
        IReadOnlyList<double> Values,
        string Unit,
        string? Target,
        bool? Passed,
        double Score);

    public List<Bar> Bars { get; } = [];

    public void Say(string line) => output.WriteLine(line);

    public void Begin(string benchmark, string purpose)
    {
        _current = benchmark;
        Say(string.Empty);
        Say($"{benchmark}: {purpose}");
    }

    /// <summary>A figure beside others of its kind; the picture shows them side by side.</summary>
    public void Figure(string group, string name, Series series, string unit)
    {
        Bars.Add(new Bar(_current, group, name, series, unit));
        _entries.Add(new Entry(_current, $"{group}: {name}", series.Values, unit, null, null, double.NaN));
        Say($"   {group}: {name} {series} {unit}");
    }

    /// <summary>A figure that has a target: a ratio to a limit or peer of this run, or a bound in its unit.</summary>
    public void Judge(string what, Series series, Target target, string unit = "", double? at = null)
    {
        double value = at ?? series.Median;
        bool passed = target.IsMet(value);
        _entries.Add(
            new Entry(_current, what, series.Values, unit, target.ToString(), passed, target.Score(value)));
        string shown = at is { } point ? Series.Short(point) : series.ToString();
        Say($"{_current} {what}: {shown}{(unit.Length > 0 ? " " + unit : string.Empty)} {target} {Word(passed)}");
    }

    /// <summary>Missing is neither passed nor failed.</summary>
    public void Missing(string what, string reason) => Say($"   missing: {what}: {reason}");

    /// <summary>One line a benchmark, with the figure that is farthest from its target.</summary>
    public void Close()
    {
        Say(string.Empty);
        foreach (IGrouping<string, Entry> benchmark in _entries.GroupBy(entry => entry.Benchmark))
        {
            Entry[] judged = [.. benchmark.Where(entry => entry.Passed is not null)];
            if (judged.Length == 0)
            {
                continue;
            }

            Entry worst = judged.MinBy(entry => entry.Score)!;
            double value = new Series(worst.Values).Median;
            string name = worst.Unit.Length > 0 ? "figure" : "ratio";
            int missed = judged.Count(entry => entry.Passed == false);
            Say($"{benchmark.Key} {name}={Series.Short(value)}{worst.Unit} {worst.Target} {Word(missed == 0)} "
                + $"({worst.What}; {judged.Length - missed} of {judged.Length} met)");
        }
    }

    public string ToJson(string machine) => JsonSerializer.Serialize(
        new
        {
            machine,
            figures = _entries.Select(entry => new
            {
                benchmark = entry.Benchmark,
                what = entry.What,
                median = new Series(entry.Values).Median,
                min = entry.Values.Min(),
                max = entry.Values.Max(),
                values = entry.Values,
                unit = entry.Unit,
                target = entry.Target,
                passed = entry.Passed,
            }),
        },
        Indented);

    private static JsonSerializerOptions Indented { get; } = new()
    {
        WriteIndented = true,
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    private static string Word(bool passed) => passed ? "PASS" : "FAIL";
}
