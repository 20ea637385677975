namespace ScanEngineAdmin.Scanning.Plan;

/// <summary>What a part is worked out with, beside the ledger.</summary>
/// <param name="Lease">How long an engine has a part at most.</param>
/// <param name="Retry">The rest of an engine whose parts fail.</param>
/// <param name="Rate">The rate of the whole scan; 0 for none.</param>
/// <param name="Now">The present time.</param>
internal sealed record PartTerms(TimeSpan Lease, ScanRetry Retry, int Rate, DateTimeOffset Now);
