using System.Text;
using ScanEngineAdmin.Domain.Faults;

namespace ScanEngineAdmin.Scanning.Targets;

/// <summary>A list of targets in a file: UTF-8, or UTF-16 with its mark; any ends of lines.</summary>
internal static class TargetFile
{
    /// <summary>What is longer is no list of as many targets as one scan may have.</summary>
    internal const long MostBytes = 32L * 1024 * 1024;

    /// <summary>One target a text, without comments and blank lines. An error names the file and the line.</summary>
    /// <exception cref="ScanEngineException">TargetInvalid, TooManyTargets.</exception>
    public static IReadOnlyList<string> Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string name = Path.GetFileName(path);
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            if (stream.CanSeek && stream.Length > MostBytes)
            {
                throw Unreadable(path, $"it has {stream.Length} bytes, and {MostBytes} are allowed", null);
            }

            using var reader = new StreamReader(stream, Encoding.UTF8, detectEncodingFromByteOrderMarks: true);
            return [.. TargetReader.Read(Lines(reader), name, toScan: true).Select(static one => one.Text)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw Unreadable(path, e.Message, e);
        }
    }

    private static IEnumerable<string> Lines(StreamReader reader)
    {
        long read = 0;
        while (reader.ReadLine() is { } line)
        {
            // A pipe or a device says nothing of its length.
            read += line.Length + 1;
            yield return read <= MostBytes ? line
                : throw new IOException($"It has more than {MostBytes} characters.");
        }
    }

    private static ScanEngineException Unreadable(string path, string why, Exception? cause) => new(
        FaultCode.TargetInvalid,
        $"The list of targets '{path}' cannot be read: {why}",
        "Name a text file with one target a line.",
        path,
        cause);
}
