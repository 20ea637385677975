namespace ScanEngineAdmin.Domain.Engines;

/// <summary>How far an engine's pairing has come, as the console's store holds it.</summary>
internal enum EngineState
{
    /// <summary>An unknown engine dialled; nobody here asked for it. Waits for Approve-ScanEngine.</summary>
    Pending,

    /// <summary>Registered by an admin; one or both identities are not confirmed yet.</summary>
    Registered,

    /// <summary>Both identities are confirmed.</summary>
    Paired,
}
