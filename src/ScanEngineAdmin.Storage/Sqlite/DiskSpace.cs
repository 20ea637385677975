namespace ScanEngineAdmin.Storage.Sqlite;

/// <summary>Bytes of a file system: free for this user, and in all.</summary>
internal readonly record struct DiskSpace(long Available, long Total);
