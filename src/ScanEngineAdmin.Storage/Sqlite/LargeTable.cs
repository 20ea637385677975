namespace ScanEngineAdmin.Storage.Sqlite;

/// <summary>A table that is too large to be read at once, and the key in whose order it is read in pieces.</summary>
internal sealed record LargeTable(string Name, (string First, string Second) Key, int RowsAtOnce);
