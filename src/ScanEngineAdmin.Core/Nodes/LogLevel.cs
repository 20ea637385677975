namespace ScanEngineAdmin.Core.Nodes;

/// <summary>How much a log line matters.</summary>
internal enum LogLevel
{
    Debug,
    Information,
    Warning,
    Error,
}
