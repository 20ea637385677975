namespace ScanEngineAdmin.Domain.Faults;

/// <summary>An error an admin can act on: a stable code, what happened to what, and what to do next.</summary>
public sealed class ScanEngineException : Exception
{
    public ScanEngineException(
        FaultCode code, string message, string recommendation, string? target = null, Exception? innerException = null)
        : base(message, innerException)
    {
        Code = code;
        Recommendation = recommendation;
        Target = target;
    }

    public FaultCode Code { get; }

    /// <summary>What to do next, in words or as a command that can be pasted.</summary>
    public string Recommendation { get; }

    /// <summary>What the error is about: an engine's name, an endpoint, a path, an id.</summary>
    public string? Target { get; }
}
