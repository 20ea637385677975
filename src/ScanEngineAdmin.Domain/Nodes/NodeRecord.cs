using System.Net;

namespace ScanEngineAdmin.Domain.Nodes;

/// <summary>
/// The node that runs (or ran last) on a data folder. Whether it runs now, only the folder's lock tells.
/// </summary>
internal sealed record NodeRecord
{
    /// <summary>New at every start: tells a restarted node from the one before.</summary>
    public required Guid BootId { get; init; }

    public required int ProcessId { get; init; }

    /// <summary>What hosts it: the process name, such as pwsh or scanengineadmin.</summary>
    public required string HostedBy { get; init; }

    /// <summary>Where it listens, as address:port; null when it does not listen.</summary>
    public string? EndPoint { get; init; }

    /// <summary><see cref="EndPoint"/>, understood.</summary>
    public IPEndPoint? ListensAt => IPEndPoint.TryParse(EndPoint ?? string.Empty, out IPEndPoint? at) ? at : null;

    public string? LastError { get; init; }

    public required DateTimeOffset Started { get; init; }

    /// <summary>The boot id that an admin in another process asked to stop.</summary>
    public Guid? StopRequested { get; init; }
}
