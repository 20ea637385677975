namespace ScanEngineAdmin.Core.Services;

/// <summary>Whether a service runs, as the system's own service manager says.</summary>
public enum EngineServiceState
{
    /// <summary>It does not run.</summary>
    Stopped,

    /// <summary>It was started and is not ready yet, or is started again after a failure.</summary>
    Starting,

    /// <summary>It runs and has said that it is ready.</summary>
    Running,

    /// <summary>It ended with an error, and is not started again.</summary>
    Failed,
}
