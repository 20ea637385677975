using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Domain.Schedules;

/// <summary>What is written together when a schedule is looked at.</summary>
/// <param name="Schedule">The schedule as it is from then on.</param>
/// <param name="Scan">The run that begins, if one does.</param>
/// <param name="Notes">What the audit trail has of it.</param>
internal sealed record ScheduleStep(ScheduleRecord Schedule, ScanRecord? Scan, IReadOnlyList<AuditEvent> Notes);
