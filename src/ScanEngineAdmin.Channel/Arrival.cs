using System.Net;

namespace ScanEngineAdmin.Channel;

/// <summary>A connection that arrived at a listener, whatever became of it.</summary>
/// <param name="Time">When it was accepted.</param>
/// <param name="Remote">Where it came from, as this host sees it.</param>
public sealed record Arrival(DateTimeOffset Time, IPEndPoint Remote);
