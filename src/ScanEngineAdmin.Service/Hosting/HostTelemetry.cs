using System.Collections;
using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using ScanEngineAdmin.Core.Nodes;

namespace ScanEngineAdmin.Service.Hosting;

/// <summary>Metrics and traces for those who asked for them, by OpenTelemetry; nothing of it is on by itself.</summary>
internal static class HostTelemetry
{
    // Nothing that is measured waits for anything but a store.
    private const int CollectMilliseconds = 3000;

    public static void Add(HostApplicationBuilder host, IPEndPoint? prometheus, Uri? collector)
    {
        if (prometheus is null && collector is null)
        {
            return;
        }

        // The SDK's own variables, and no others: this host has no further configuration.
        host.Configuration.AddInMemoryCollection(Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .Select(static variable => new KeyValuePair<string, string?>((string)variable.Key, (string?)variable.Value))
            .Where(static variable => variable.Key.StartsWith("OTEL_", StringComparison.Ordinal)));

        if (prometheus is not null)
        {
            host.Services.AddSingleton<PrometheusText>();
            host.Services.AddHostedService(services =>
            {
                ILogger logger = services.GetRequiredService<ILoggerFactory>().CreateLogger(nameof(ScanEngineAdmin));
                return new MetricsEndpoint(
                    prometheus,
                    () => services.GetRequiredService<PrometheusText>().Read(CollectMilliseconds),
                    entry => HostLog.Write(logger, entry),
                    services.GetRequiredService<TimeProvider>());
            });
        }

        // The runtime's own meter has what every .NET process has: memory, collections, the thread pool.
        OpenTelemetryBuilder telemetry = host.Services.AddOpenTelemetry()
            .ConfigureResource(static resource => resource.AddService("scanengineadmin", serviceVersion: ProductVersion.Text))
            .WithMetrics(metrics => Export(
                metrics.AddMeter(NodeMetrics.Name, "System.Runtime"), prometheus, collector));
        if (collector is not null)
        {
            telemetry.WithTracing(traces => traces.AddSource(NodeMetrics.Name)
                .AddOtlpExporter(options => Send(options, collector, "traces")));
        }
    }

    // The protocol is what OTEL_EXPORTER_OTLP_PROTOCOL says: gRPC by itself, which has no paths.
    private static void Send(OtlpExporterOptions options, Uri collector, string what) =>
        options.Endpoint = options.Protocol == OtlpExportProtocol.HttpProtobuf
            ? new Uri($"{collector.AbsoluteUri.TrimEnd('/')}/v1/{what}") : collector;

    private static void Export(MeterProviderBuilder metrics, IPEndPoint? prometheus, Uri? collector)
    {
        if (collector is not null)
        {
            metrics.AddOtlpExporter(options => Send(options, collector, "metrics"));
        }

        if (prometheus is not null)
        {
            metrics.AddReader(static services =>
                new BaseExportingMetricReader(services.GetRequiredService<PrometheusText>()));
        }
    }
}
