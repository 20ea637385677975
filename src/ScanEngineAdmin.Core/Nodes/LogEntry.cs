namespace ScanEngineAdmin.Core.Nodes;

/// <summary>One structured log line. Never holds a secret.</summary>
/// <param name="Time">When.</param>
/// <param name="Level">Debug, Information, Warning or Error.</param>
/// <param name="Event">A short stable name such as ChannelOpened.</param>
/// <param name="Message">What happened, for people.</param>
/// <param name="Fields">What it happened to, for programs.</param>
internal sealed record LogEntry(
    DateTimeOffset Time,
    LogLevel Level,
    string Event,
    string Message,
    IReadOnlyDictionary<string, string> Fields);
