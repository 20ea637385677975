namespace ScanEngineAdmin.Domain.Nodes;

/// <summary>The default TCP ports of the two directions.</summary>
internal static class WellKnownPorts
{
    /// <summary>Inbound at the engine, for a standard (console-to-engine) engine.</summary>
    public const int Engine = 40814;

    /// <summary>Inbound at the console, for a reverse (engine-to-console) engine.</summary>
    public const int Console = 40815;
}
