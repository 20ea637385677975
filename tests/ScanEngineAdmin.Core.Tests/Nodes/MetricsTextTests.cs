using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using ScanEngineAdmin.Core.Nodes;

namespace ScanEngineAdmin.Core.Tests.Nodes;

/// <summary>docs/metrics.md and the dashboard are what the code measures.</summary>
public sealed partial class MetricsTextTests
{
    private static readonly string Docs = FindDocs();

    [Fact]
    public void The_table_has_every_metric_with_its_kind_and_words()
    {
        string text = File.ReadAllText(Path.Combine(Docs, "metrics.md"));
        string[] rows = [.. Row().Matches(text).Select(static row => row.Groups[1].Value)];

        Assert.Equal(Instruments().Select(static one => one.Name).Order(), rows.Order());
    }

    [Fact]
    public void Every_query_of_the_manual_and_the_dashboard_names_a_metric_that_is_there()
    {
        string[] names = [.. Instruments().SelectMany(Exported)];
        string dashboard = File.ReadAllText(Path.Combine(Docs, "grafana", "scanengineadmin.json"));
        using (JsonDocument parsed = JsonDocument.Parse(dashboard))
        {
            Assert.NotEmpty(parsed.RootElement.GetProperty("panels").EnumerateArray());
        }

        string[] asked = [.. Query().Matches(dashboard + File.ReadAllText(Path.Combine(Docs, "metrics.md")))
            .Select(static match => match.Value).Distinct()];
        Assert.Equal(asked.Order(), asked.Intersect(names).Order());
        Assert.All(Instruments(), one => Assert.Contains(Exported(one), name => dashboard.Contains(name, StringComparison.Ordinal)));
    }

    // As the service host writes them for Prometheus.
    private static IEnumerable<string> Exported(Instrument one)
    {
        string name = one.Name.Replace('.', '_');
        return one switch
        {
            Counter<long> => [$"{name}_total"],
            Histogram<double> => [$"{name}_seconds_bucket", $"{name}_seconds_count", $"{name}_seconds_sum"],
            _ => [one.Unit == "By" ? $"{name}_bytes" : name],
        };
    }

    private static List<Instrument> Instruments()
    {
        RuntimeHelpers.RunClassConstructor(typeof(NodeMetrics).TypeHandle);
        List<Instrument> found = [];
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter.Name == NodeMetrics.Name)
                {
                    found.Add(instrument);
                }
            },
        };
        listener.Start();
        return found;
    }

    private static string FindDocs()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "ScanEngineAdmin.psd1")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        return Path.Combine(folder, "docs");
    }

    [GeneratedRegex(@"(?m)^\| `(scanengineadmin\.[a-z.]+)` \|")]
    private static partial Regex Row();

    [GeneratedRegex(@"scanengineadmin_[a-z_]+")]
    private static partial Regex Query();
}
