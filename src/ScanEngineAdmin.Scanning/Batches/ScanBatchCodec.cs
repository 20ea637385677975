using System.Net;
using System.Text;
using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Scanning.Batches;

/// <summary>A batch as bytes on the wire; docs/protocol.md has it byte by byte. Decoding trusts nothing.</summary>
internal static class ScanBatchCodec
{
    internal const byte Version = 1;
    internal const byte HasFinal = 1;
    internal const byte HasDetail = 2;

    internal const byte StateBits = 3;
    internal const byte SameTarget = 4;
    internal const byte HasRoundTrip = 8;
    internal const byte HasBanner = 16;
    internal const byte HasResolved = 32;
    internal const byte HasFound = 64;

    // The longest text of an address: eight groups of four, and seven colons.
    private const int MaxResolvedBytes = 39;

    // The end of the year 9999.
    private const long LastFound = 253_402_300_799_999;

    /// <summary>Refuses malformed UTF-8 instead of repairing it.</summary>
    internal static readonly UTF8Encoding Text = new(false, throwOnInvalidBytes: true);

    /// <summary>Throws ArgumentException for a batch beyond the limits: the scanner makes none.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="origins">Whether the receiver knows of the address and the time of a finding.</param>
    public static byte[] Encode(ScanBatch batch, bool origins = true)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (batch.Findings.Count > ScanLimits.MaxFindingsPerBatch)
        {
            throw new ArgumentException("Too many findings for one batch.", nameof(batch));
        }

        var writer = new BatchWriter(64 + (batch.Findings.Count * 12));
        writer.Byte(Version);
        writer.Byte((byte)((batch.Final is null ? 0 : HasFinal) | (batch.Detail.Length == 0 ? 0 : HasDetail)));
        writer.Number(batch.Number);
        writer.Number(batch.Cursor);
        writer.Number(batch.TargetsTotal);
        writer.Number(batch.TargetsDone);
        if (batch.Final is { } final)
        {
            writer.Byte(FinalCode(final));
        }

        if (batch.Detail.Length > 0)
        {
            writer.String(batch.Detail, ScanLimits.MaxDetailBytes);
        }

        writer.Number(batch.Findings.Count);
        string target = string.Empty;
        foreach (Finding finding in batch.Findings)
        {
            Write(
                writer,
                origins ? finding : finding with { Resolved = null, Found = null },
                target);
            target = finding.Target;
        }

        return writer.ToArray();
    }

    /// <summary>Throws FormatException, and nothing else, for bytes that are not a batch.</summary>
    public static ScanBatch Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new BatchReader(bytes);
        if (reader.Byte() != Version)
        {
            throw new FormatException("The scan data is of an unknown version.");
        }

        byte flags = reader.Byte();
        Require((flags & ~(HasFinal | HasDetail)) == 0, "unknown flags");
        long number = reader.Number();
        long cursor = reader.Number();
        long total = reader.Number();
        long done = reader.Number();
        Require(number >= 1 && done <= total, "counts that contradict each other");
        ScanState? final = (flags & HasFinal) == 0 ? null : Final(reader.Byte());
        string detail = (flags & HasDetail) == 0 ? string.Empty : reader.String(ScanLimits.MaxDetailBytes);
        long count = reader.Number();

        // The smallest finding is flags, unit and port: what is not there is not allocated for.
        Require(count <= ScanLimits.MaxFindingsPerBatch && count <= reader.Left / 3, "more findings than it can hold");
        var findings = new Finding[count];
        string? target = null;
        for (int i = 0; i < findings.Length; i++)
        {
            findings[i] = Read(ref reader, target);
            target = findings[i].Target;
        }

        Require(reader.Left == 0, "bytes after its end");
        return new ScanBatch
        {
            Number = number,
            Findings = findings,
            Cursor = cursor,
            TargetsTotal = total,
            TargetsDone = done,
            Final = final,
            Detail = detail,
        };
    }

    internal static void Require(bool condition, string what)
    {
        if (!condition)
        {
            throw new FormatException($"The scan data is malformed: {what}.");
        }
    }

    private static void Write(BatchWriter writer, Finding finding, string lastTarget)
    {
        bool same = finding.Target == lastTarget;
        writer.Byte((byte)((int)finding.State
            | (same ? SameTarget : 0)
            | (finding.RoundTrip is null ? 0 : HasRoundTrip)
            | (finding.Banner is null ? 0 : HasBanner)
            | (finding.Resolved is null ? 0 : HasResolved)
            | (finding.Found is null ? 0 : HasFound)));
        writer.Number(finding.Unit);
        if (!same)
        {
            writer.String(finding.Target, ScanLimits.MaxTargetBytes);
        }

        writer.Number(finding.Port);
        if (finding.RoundTrip is { } roundTrip)
        {
            writer.Number((long)roundTrip.TotalMicroseconds);
        }

        if (finding.Banner is { } banner)
        {
            writer.String(banner, ScanLimits.MaxBannerBytes);
        }

        if (finding.Resolved is { } resolved)
        {
            writer.String(resolved, MaxResolvedBytes);
        }

        if (finding.Found is { } found)
        {
            writer.Number(Math.Max(0, found.ToUnixTimeMilliseconds()));
        }
    }

    private static Finding Read(ref BatchReader reader, string? lastTarget)
    {
        byte flags = reader.Byte();
        var state = (PortState)(flags & StateBits);
        Require(flags < 2 * HasFound && state <= PortState.Filtered, "an unknown kind of finding");
        long unit = reader.Number();
        string? target = (flags & SameTarget) != 0 ? lastTarget : reader.String(ScanLimits.MaxTargetBytes);
        Require(!string.IsNullOrEmpty(target), "a finding without a target");
        long port = reader.Number();
        Require(port is >= 1 and <= 65_535, "a port out of range");
        TimeSpan? roundTrip = null;
        if ((flags & HasRoundTrip) != 0)
        {
            long microseconds = reader.Number();
            Require(microseconds <= TimeSpan.TicksPerDay, "a round trip of more than days");
            roundTrip = TimeSpan.FromTicks(microseconds * TimeSpan.TicksPerMicrosecond);
        }

        string? banner = (flags & HasBanner) == 0 ? null : reader.String(ScanLimits.MaxBannerBytes);
        string? resolved = null;
        if ((flags & HasResolved) != 0)
        {
            resolved = reader.String(MaxResolvedBytes);
            Require(
                IPAddress.TryParse(resolved, out IPAddress? address) && address.ToString() == resolved
                    && !resolved.Contains('%', StringComparison.Ordinal),
                "an address that is none");
        }

        DateTimeOffset? found = null;
        if ((flags & HasFound) != 0)
        {
            long milliseconds = reader.Number();
            Require(milliseconds <= LastFound, "a time that is none");
            found = DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
        }

        return new Finding(unit, target!, (int)port, state, roundTrip, banner) { Resolved = resolved, Found = found };
    }

    private static byte FinalCode(ScanState state) => state switch
    {
        ScanState.Completed => 0,
        ScanState.Failed => 1,
        ScanState.Stopped => 2,
        _ => throw new ArgumentException($"{state} ends no scan.", nameof(state)),
    };

    private static ScanState Final(byte code) => code switch
    {
        0 => ScanState.Completed,
        1 => ScanState.Failed,
        2 => ScanState.Stopped,
        _ => throw new FormatException("The scan data is malformed: an unknown end."),
    };
}
