using System.Net;

namespace ScanEngineAdmin.Service.Arguments;

/// <summary>How a node runs as a process.</summary>
/// <param name="Data">The data folder that was named, or null.</param>
/// <param name="LogFile">Where its log goes beside standard output, or null.</param>
/// <param name="Metrics">Where Prometheus reads its metrics, or null.</param>
/// <param name="Otlp">The collector that gets its metrics and traces, or null.</param>
/// <param name="StopWithStdin">Whether it stops when standard input ends.</param>
internal sealed record NodeSettings(string? Data, string? LogFile, IPEndPoint? Metrics, Uri? Otlp, bool StopWithStdin);
