using System.Text;
using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Storage.Stores;

/// <summary>
/// A spooled batch as bytes. Only this store reads what it wrote: the wire has a format of its own, so that a spool
/// outlives a change of protocol.
/// </summary>
internal static class BatchCodec
{
    private const byte Version = 2;

    // Without addresses and times.
    private const byte FirstVersion = 1;
    private const byte SameTarget = 1;
    private const byte HasRoundTrip = 2;
    private const byte HasBanner = 4;
    private const byte HasResolved = 8;
    private const byte HasFound = 16;

    public static byte[] Pack(ScanBatch batch)
    {
        using MemoryStream stream = new();
        using BinaryWriter writer = new(stream, Encoding.UTF8);
        writer.Write(Version);
        writer.Write7BitEncodedInt64(batch.Number);
        writer.Write7BitEncodedInt64(batch.Cursor);
        writer.Write7BitEncodedInt64(batch.TargetsTotal);
        writer.Write7BitEncodedInt64(batch.TargetsDone);
        writer.Write(batch.Final?.ToString() ?? string.Empty);
        writer.Write(batch.Detail);
        writer.Write7BitEncodedInt(batch.Findings.Count);
        string? target = null;
        foreach (Finding finding in batch.Findings)
        {
            Pack(writer, finding, finding.Target == target);
            target = finding.Target;
        }

        writer.Flush();
        return stream.ToArray();
    }

    /// <exception cref="FormatException">The bytes are not a batch of this format.</exception>
    public static ScanBatch Unpack(byte[] bytes)
    {
        using BinaryReader reader = new(new MemoryStream(bytes, writable: false), Encoding.UTF8);
        byte version = reader.ReadByte();
        if (version is not (Version or FirstVersion))
        {
            throw new FormatException($"A spooled batch has format {version}, not {Version}.");
        }

        long number = reader.Read7BitEncodedInt64();
        long cursor = reader.Read7BitEncodedInt64();
        long total = reader.Read7BitEncodedInt64();
        long done = reader.Read7BitEncodedInt64();
        string final = reader.ReadString();
        string detail = reader.ReadString();
        int count = reader.Read7BitEncodedInt();

        // A damaged count must not reserve memory that the bytes cannot fill: a finding takes four at least.
        List<Finding> findings = new(Math.Clamp(count, 0, bytes.Length / 4));
        string target = string.Empty;
        for (int i = 0; i < count; i++)
        {
            Finding finding = Unpack(reader, target);
            findings.Add(finding);
            target = finding.Target;
        }

        return new ScanBatch
        {
            Number = number,
            Findings = findings,
            Cursor = cursor,
            TargetsTotal = total,
            TargetsDone = done,
            Final = final.Length == 0 ? null : Enum.Parse<ScanState>(final),
            Detail = detail,
        };
    }

    private static void Pack(BinaryWriter writer, Finding finding, bool sameTarget)
    {
        writer.Write((byte)((sameTarget ? SameTarget : 0)
            | (finding.RoundTrip is null ? 0 : HasRoundTrip)
            | (finding.Banner is null ? 0 : HasBanner)
            | (finding.Resolved is null ? 0 : HasResolved)
            | (finding.Found is null ? 0 : HasFound)));
        writer.Write7BitEncodedInt64(finding.Unit);
        if (!sameTarget)
        {
            writer.Write(finding.Target);
        }

        writer.Write7BitEncodedInt(finding.Port);
        writer.Write((byte)finding.State);
        if (finding.RoundTrip is { } roundTrip)
        {
            writer.Write7BitEncodedInt64(roundTrip.Ticks);
        }

        if (finding.Banner is { } banner)
        {
            writer.Write(banner);
        }

        if (finding.Resolved is { } resolved)
        {
            writer.Write(resolved);
        }

        if (finding.Found is { } found)
        {
            writer.Write7BitEncodedInt64(found.ToUnixTimeMilliseconds());
        }
    }

    private static Finding Unpack(BinaryReader reader, string target)
    {
        byte has = reader.ReadByte();
        return new Finding(
            reader.Read7BitEncodedInt64(),
            (has & SameTarget) != 0 ? target : reader.ReadString(),
            reader.Read7BitEncodedInt(),
            (PortState)reader.ReadByte(),
            (has & HasRoundTrip) != 0 ? new TimeSpan(reader.Read7BitEncodedInt64()) : null,
            (has & HasBanner) != 0 ? reader.ReadString() : null)
        {
            Resolved = (has & HasResolved) != 0 ? reader.ReadString() : null,
            Found = (has & HasFound) != 0
                ? DateTimeOffset.FromUnixTimeMilliseconds(reader.Read7BitEncodedInt64())
                : null,
        };
    }
}
