namespace ScanEngineAdmin.Domain.Consoles;

/// <summary>How far a console's pairing has come, as the engine's store holds it.</summary>
public enum ConsoleState
{
    /// <summary>
    /// An unknown console dialled (or was dialled without a secret). Waits for Approve-EngineConsole.
    /// </summary>
    Pending,

    /// <summary>Approved here; the console's admin has still to confirm this engine.</summary>
    Approved,

    /// <summary>Both identities are confirmed.</summary>
    Paired,

    /// <summary>Denied here: the console hears so when it dials, and is not listed as pending again.</summary>
    Denied,
}
