using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Directions;

namespace ScanEngineAdmin.Core.Tests.EndToEnd;

/// <summary>What an operator measures of a console and an engine, and that no peer can name a time series.</summary>
[Trait("Speed", "Slow")]
public sealed class MetricsTests : IDisposable
{
    private readonly ConcurrentDictionary<string, double> _sums = new();
    private readonly ConcurrentBag<string> _tags = [];
    private readonly ConcurrentBag<string> _activities = [];
    private readonly MeterListener _meters = new();
    private readonly ActivityListener _traces;

    public MetricsTests()
    {
        _meters.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == NodeMetrics.Name)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _meters.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Record(instrument, value, tags));
        _meters.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Record(instrument, value, tags));
        _meters.Start();
        _traces = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == NodeMetrics.Name,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity => _activities.Add(activity.OperationName),
        };
        ActivitySource.AddActivityListener(_traces);
    }

    public void Dispose()
    {
        _meters.Dispose();
        _traces.Dispose();
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task Channels_dials_scans_and_changes_are_measured(CommunicationDirection way)
    {
        await using (NodePair pair = await NodePair.ActiveAsync(way))
        {
            using var targets = new ScanTargets();
            await targets.RunAsync(pair);
            await pair.ChangeAsync(Ways.Other(way));
            _meters.RecordObservableInstruments();
            Assert.True(_sums[$"scanengineadmin.disk.free Console"] > 0);
        }

        string dialler = way == CommunicationDirection.ConsoleToEngine ? "Console" : "Engine";
        foreach (string measured in new[]
        {
            $"scanengineadmin.dial.duration {dialler} Opened None",
            "scanengineadmin.findings Engine", "scanengineadmin.findings Console",
            "scanengineadmin.scans.finished Completed",
            $"scanengineadmin.direction.changes {Ways.Other(way)} Committed",
            "scanengineadmin.events Console ChannelOpened Information",
            "scanengineadmin.events Console ChangeDecided Information",
        })
        {
            Assert.True(_sums.GetValueOrDefault(measured) > 0, $"{measured}: {string.Join('\n', _sums.Keys.Order())}");
        }

        // Opened and closed again: what is added is taken away.
        Assert.Contains($"scanengineadmin.channels Console {way}", _sums.Keys);
        Assert.Contains($"scanengineadmin.channels Engine {way}", _sums.Keys);
        Assert.All(["dial", "scan", "direction.change"], name => Assert.Contains(name, _activities));
        Assert.All(_tags, static tag => Assert.Matches("^[A-Za-z]+$", tag));
    }

    private void Record(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        string key = instrument.Name;
        foreach ((string _, object? tag) in tags)
        {
            _tags.Add((string)tag!);
            key += $" {tag}";
        }

        _sums.AddOrUpdate(key, value, (_, sum) => sum + value);
    }
}
