using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;

namespace ScanEngineAdmin.Topology;

/// <summary>The words of a picture for what an enum says, and the classes by which its parts have shape and colour.</summary>
internal static class StatusWord
{
    /// <summary>All statuses, those that need attention first.</summary>
    public static readonly IReadOnlyList<CommunicationStatus> All =
        [.. Enum.GetValues<CommunicationStatus>().OrderBy(Order)];

    public static int Order(CommunicationStatus status) => status switch
    {
        CommunicationStatus.NotResponding => 0,
        CommunicationStatus.Incompatible => 1,
        CommunicationStatus.PendingAuthorization => 2,
        CommunicationStatus.Unknown => 3,
        _ => 4,
    };

    public static string Of(CommunicationStatus status) => status switch
    {
        CommunicationStatus.Active => "Active",
        CommunicationStatus.NotResponding => "Not responding",
        CommunicationStatus.PendingAuthorization => "Pending authorization",
        CommunicationStatus.Incompatible => "Incompatible",
        _ => "Unknown",
    };

    /// <summary>The class and the id of the status's shape.</summary>
    public static string Class(CommunicationStatus status) => status switch
    {
        CommunicationStatus.Active => "active",
        CommunicationStatus.NotResponding => "silent",
        CommunicationStatus.PendingAuthorization => "pending",
        CommunicationStatus.Incompatible => "incompatible",
        _ => "unknown",
    };

    public static string Of(CommunicationDirection direction) =>
        direction == CommunicationDirection.EngineToConsole ? "reverse" : "standard";

    public static string Of(TopologyChange change) => change.State switch
    {
        CommunicationState.Changing => $"changing to {Of(change.To)}",
        CommunicationState.InDoubt => $"{Of(change.To)}, not acknowledged",
        _ => $"{Of(change.To)} wanted",
    };
}
