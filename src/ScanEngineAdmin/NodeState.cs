namespace ScanEngineAdmin;

/// <summary>How a console, a listener or a poller stands.</summary>
public enum NodeState
{
    /// <summary>Under way, not there yet.</summary>
    Starting,

    /// <summary>The console runs.</summary>
    Running,

    /// <summary>The engine listens for consoles.</summary>
    Listening,

    /// <summary>The engine polls its console.</summary>
    Polling,

    /// <summary>The console refuses the engine for a reason of trust; the poller goes on at long intervals.</summary>
    Refused,

    /// <summary>A change of direction made another way the one in use; the node lives on.</summary>
    Superseded,

    /// <summary>It was stopped.</summary>
    Stopped,

    /// <summary>It could not go on; LastError tells why.</summary>
    Faulted,
}
