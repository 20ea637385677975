using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Scanning.Compare;

/// <summary>One difference between two scans.</summary>
/// <param name="Kind">What is different.</param>
/// <param name="Target">The target as it was asked for.</param>
/// <param name="Before">What the earlier scan found at the port; null for a difference of the host.</param>
/// <param name="After">What the later scan found there; null as above.</param>
internal sealed record ScanDifference(ScanDifferenceKind Kind, string Target, Finding? Before, Finding? After);
