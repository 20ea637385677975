using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Export;

/// <summary>Writes the findings of scans into one file, one after the other, without holding them.</summary>
internal interface IFindingWriter : IDisposable
{
    /// <summary>What is written is about these scans.</summary>
    void Begin(IReadOnlyList<ScanRecord> scans);

    /// <summary>Findings of one scan come together, and of one scan those of one target.</summary>
    void Write(ScanRecord scan, Finding finding);

    /// <summary>Nothing comes any more.</summary>
    void End();
}
