using ScanEngineAdmin.Domain.Engines;

namespace ScanEngineAdmin.Pipeline;

/// <summary>
/// The status of an engine as it may be shown: the running console keeps the one in the store up to date, and nobody does
/// while none runs.
/// </summary>
internal static class StoredStatus
{
    /// <summary>The engine; without a running console with the status Unknown, and in words what it was.</summary>
    public static EngineRecord Shown(EngineRecord engine, bool consoleRuns) =>
        consoleRuns || engine.Status is not (CommunicationStatus.Active or CommunicationStatus.NotResponding)
            ? engine
            : engine with
            {
                Status = CommunicationStatus.Unknown,
                StatusDetail = $"{engine.Status} when its console last ran"
                    + (engine.StatusDetail.Length > 0 ? $": {engine.StatusDetail}" : string.Empty),
            };
}
