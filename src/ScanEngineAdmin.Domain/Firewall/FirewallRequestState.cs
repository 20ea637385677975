namespace ScanEngineAdmin.Domain.Firewall;

/// <summary>What became of a request to the firewall applier.</summary>
internal enum FirewallRequestState
{
    /// <summary>Not answered yet.</summary>
    Asked,

    Done,

    /// <summary>A part of it has to wait for something else that is under way at this host's filter.</summary>
    Deferred,

    Failed,
}
