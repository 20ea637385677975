namespace ScanEngineAdmin.Scanning.Plan;

/// <summary>What an engine may be given next.</summary>
/// <param name="Targets">Its units, whole targets.</param>
/// <param name="From">The first of them that is not done.</param>
/// <param name="Rate">Its share of the scan's rate; 0 for no limit.</param>
internal readonly record struct PartOffer(PartRange Targets, long From, int Rate);
