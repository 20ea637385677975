using System.Collections;
using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Completion;

/// <summary>Completes the ids of scans, the newest first, with what they are as the tip.</summary>
internal sealed class ScanIdCompleter : StoreCompleter
{
    private protected override IEnumerable<(string Text, string Tip)> Known(IDictionary bound, string typed) =>
        StoreReader.Read<ScanRecord>(bound, store => store.ListScans())
            .Reverse()
            .Select(scan => (
                scan.ScanId.ToString(), $"{scan.EngineName}, {scan.State}, {scan.Queued.LocalDateTime:g}"));
}
