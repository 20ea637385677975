namespace ScanEngineAdmin;

/// <summary>What is wrong between the console and the engine of a test pair.</summary>
public enum TestPairFault
{
    /// <summary>Nothing: what was injected before is taken back.</summary>
    None,

    /// <summary>Connections are reset, and new ones too: nothing listens, or a firewall rejects.</summary>
    Drop,

    /// <summary>Connections stay open and no byte passes: a firewall or a network that swallows.</summary>
    Silence,

    /// <summary>Another console and another engine answer, with identities of their own.</summary>
    WrongPeer,

    /// <summary>The engine is gone without a goodbye.</summary>
    EngineKilled,

    /// <summary>The console is gone without a goodbye.</summary>
    ConsoleKilled,
}
