using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Core.Messages;

/// <summary>A batch on the stream of scan data.</summary>
internal sealed record ScanDataMessage(Guid ScanId, int Attempt, ScanBatch Batch);

/// <summary>What the console did with a batch, on the way back.</summary>
internal sealed record BatchAcknowledgement(Guid ScanId, int Attempt, long Number, BatchOutcome Outcome);
