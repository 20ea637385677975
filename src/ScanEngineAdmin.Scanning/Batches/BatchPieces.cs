using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Scanning.Batches;

/// <summary>Cuts a batch into as many as a console takes it in.</summary>
internal static class BatchPieces
{
    /// <summary>At least one; the last has the cursor and the end of the whole.</summary>
    /// <param name="whole">The batch; the numbers of its pieces begin with its own.</param>
    /// <param name="ports">Ports of the plan.</param>
    /// <param name="cursor">The cursor while a finding and those behind it are still to come.</param>
    public static IReadOnlyList<ScanBatch> Of(ScanBatch whole, int ports, Func<Finding, long> cursor)
    {
        if (whole.Findings.Count <= ScanLimits.FindingsPerBatch)
        {
            return [whole];
        }

        Finding[][] pieces = [.. whole.Findings.Chunk(ScanLimits.FindingsPerBatch)];
        return
        [
            .. pieces.Select((piece, index) =>
            {
                ScanBatch batch = whole with { Number = whole.Number + index, Findings = piece };
                return index == pieces.Length - 1 ? batch : Before(batch, cursor(pieces[index + 1][0]), ports);
            }),
        ];
    }

    private static ScanBatch Before(ScanBatch batch, long cursor, int ports) => batch with
    {
        Cursor = cursor,
        TargetsDone = cursor / ports,
        Final = null,
        Detail = string.Empty,
    };
}
