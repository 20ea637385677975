using System.Globalization;
using System.Text;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace ScanEngineAdmin.Service.Hosting;

/// <summary>
/// The metrics of this process as Prometheus reads them (text format 0.0.4), named as OpenTelemetry maps them: '_' for '.',
/// the unit at the end, and '_total' for counters.
/// </summary>
[ExportModes(ExportModes.Pull)]
internal sealed class PrometheusText : BaseExporter<Metric>, IPullMetricExporter
{
    private readonly StringBuilder _text = new();

    public Func<int, bool>? Collect { get; set; }

    /// <summary>What is measured at this moment. One call at a time.</summary>
    /// <param name="milliseconds">How long the collecting may take.</param>
    public string Read(int milliseconds)
    {
        _text.Clear();
        _ = Collect!(milliseconds);
        return _text.ToString();
    }

    public override ExportResult Export(in Batch<Metric> batch)
    {
        foreach (Metric metric in batch)
        {
            string? kind = metric.MetricType switch
            {
                MetricType.LongSum or MetricType.DoubleSum => "counter",
                MetricType.LongGauge or MetricType.DoubleGauge or MetricType.LongSumNonMonotonic
                    or MetricType.DoubleSumNonMonotonic => "gauge",
                MetricType.Histogram => "histogram",
                _ => null,
            };
            if (kind is not null)
            {
                Write(metric, kind);
            }
        }

        return ExportResult.Success;
    }

    private void Write(Metric metric, string kind)
    {
        string name = Name(metric, kind);
        _text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {Escaped(metric.Description)}\n# TYPE {name} {kind}\n");
        foreach (ref readonly MetricPoint point in metric.GetMetricPoints())
        {
            string labels = Labels(point.Tags);
            if (metric.MetricType == MetricType.Histogram)
            {
                WriteHistogram(name, labels, point);
            }
            else
            {
                WriteLine(name, labels, metric.MetricType switch
                {
                    MetricType.LongSum or MetricType.LongSumNonMonotonic => point.GetSumLong(),
                    MetricType.DoubleSum or MetricType.DoubleSumNonMonotonic => point.GetSumDouble(),
                    MetricType.LongGauge => point.GetGaugeLastValueLong(),
                    _ => point.GetGaugeLastValueDouble(),
                });
            }
        }
    }

    private void WriteHistogram(string name, string labels, in MetricPoint point)
    {
        long below = 0;
        foreach (HistogramBucket bucket in point.GetHistogramBuckets())
        {
            below += bucket.BucketCount;
            string bound = $"le=\"{Number(bucket.ExplicitBound)}\"";
            WriteLine($"{name}_bucket", labels.Length == 0 ? bound : $"{labels},{bound}", below);
        }

        WriteLine($"{name}_sum", labels, point.GetHistogramSum());
        WriteLine($"{name}_count", labels, point.GetHistogramCount());
    }

    private void WriteLine(string name, string labels, double value) => _text.Append(
        CultureInfo.InvariantCulture, $"{name}{(labels.Length == 0 ? labels : $"{{{labels}}}")} {Number(value)}\n");

    private static string Name(Metric metric, string kind)
    {
        string unit = metric.Unit switch
        {
            "s" => "_seconds",
            "By" => "_bytes",
            _ => string.Empty,
        };
        return $"{Word(metric.Name)}{unit}{(kind == "counter" ? "_total" : string.Empty)}";
    }

    private static string Labels(ReadOnlyTagCollection tags)
    {
        List<string> labels = [];
        foreach ((string name, object? value) in tags)
        {
            string text = Convert.ToString(value, CultureInfo.InvariantCulture) ?? string.Empty;
            labels.Add($"{Word(name)}=\"{Escaped(text).Replace("\"", "\\\"", StringComparison.Ordinal)}\"");
        }

        return string.Join(',', labels);
    }

    private static string Word(string name) =>
        string.Concat(name.Select(static c => char.IsAsciiLetterOrDigit(c) ? c : '_'));

    private static string Escaped(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private static string Number(double value) => double.IsPositiveInfinity(value) ? "+Inf"
        : double.IsNegativeInfinity(value) ? "-Inf" : value.ToString(CultureInfo.InvariantCulture);
}
