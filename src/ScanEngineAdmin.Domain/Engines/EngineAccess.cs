using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Domain.Engines;

/// <summary>What may be asked of an engine only when both identities are confirmed.</summary>
internal static class EngineAccess
{
    /// <exception cref="ScanEngineException">NotPaired, ApprovalPending.</exception>
    public static void RequirePaired(EngineRecord engine)
    {
        if (engine.State != EngineState.Paired)
        {
            throw NotPaired(engine);
        }
    }

    /// <summary>What an engine lacks whose pairing has not come to its end.</summary>
    public static ScanEngineException NotPaired(EngineRecord engine)
    {
        bool met = engine.Pins.Count > 0 || !engine.ObservedFingerprint.IsEmpty;
        bool ours = engine.Pins.Count == 0;
        return new ScanEngineException(
            met ? FaultCode.ApprovalPending : FaultCode.NotPaired,
            met
                ? $"Engine '{engine.Name}' waits for approval: {(ours
                    ? "its identity is not confirmed here" : "its admin has not approved this console")}."
                : $"Engine '{engine.Name}' is not paired: it was not met yet.",
            ours && met
                ? $"Compare its fingerprint, then: Approve-ScanEngine -Name '{engine.Name}' -Fingerprint <fingerprint>"
                : "On the engine's host: Get-EngineConsole, then Approve-EngineConsole.",
            engine.Name);
    }

    /// <exception cref="ScanEngineException">EngineNotFound.</exception>
    public static EngineRecord Require(IConsoleStore store, Guid pairingId) =>
        store.GetEngine(pairingId) ?? throw NotFound($"{pairingId:D}");

    public static ScanEngineException NotFound(string name) => new(
        FaultCode.EngineNotFound,
        $"There is no engine '{name}' at this console.",
        "Get-ScanEngine lists those that there are.",
        name);
}
