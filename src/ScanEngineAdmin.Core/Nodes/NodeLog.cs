namespace ScanEngineAdmin.Core.Nodes;

/// <summary>Where a node's log lines go; the host decides. Must not block and must not throw.</summary>
internal delegate void NodeLog(LogEntry entry);
