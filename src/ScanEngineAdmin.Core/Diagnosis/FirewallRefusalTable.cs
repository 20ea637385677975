using ScanEngineAdmin.Channel;

namespace ScanEngineAdmin.Core.Diagnosis;

/// <summary>
/// What a refusal means for reachability: the way is open and the node is the right one, but it will not have us. The
/// places in the advice are those of <see cref="FirewallFaultTable"/>.
/// </summary>
internal static class FirewallRefusalTable
{
    public static (FirewallStage Stage, string Advice) Explain(RefusalCode code) => code switch
    {
        RefusalCode.NotPaired => (FirewallStage.RoundTrip,
            "The network is fine, the pairing is missing on the {0} host. Pair with a secret: New-EnginePairingSecret "
            + "there, then Register-ScanEngine -PairingSecret or Start-EnginePoller -PairingSecret here."),
        RefusalCode.Pending => (FirewallStage.RoundTrip,
            "The network is fine. An admin has to approve on the {0} host: Get-EngineConsole | Approve-EngineConsole "
            + "(on an engine), Approve-ScanEngine (on a console)."),
        RefusalCode.Denied or RefusalCode.Revoked => (FirewallStage.RoundTrip,
            "The network is fine. An admin of the {0} host ended this pairing: ask there, then pair again."),
        RefusalCode.WrongDirection => (FirewallStage.RoundTrip,
            "The other side has to dial: this pairing's direction is not {9}. See Get-ScanEngine, and change it with "
            + "Set-ScanEngineCommunication -Direction {9} if that was meant."),
        RefusalCode.WrongRole => (FirewallStage.RoundTrip,
            "A node of the same kind answers there: address or port is another node's. Look at {8}."),
        RefusalCode.Busy => (FirewallStage.RoundTrip, "The network is fine, the node is busy. Try again in a minute."),
        RefusalCode.IdentityConflict => (FirewallStage.RoundTrip,
            "This node's id is known there with another key. Pair again by a secret bound to this engine."),
        RefusalCode.Stopping => (FirewallStage.RoundTrip, "The node there is stopping. On the {0} host: {2}"),
        RefusalCode.Incompatible or RefusalCode.BadHello => (FirewallStage.Version,
            "Update ScanEngineAdmin on the side with the lower version."),
        RefusalCode.BadCertificate => (FirewallStage.Identity,
            "The other side does not take this node's certificate. See the fingerprint here: Get-SecurityConsole, "
            + "Get-EngineListener; a damaged key has to be replaced and paired again."),
        _ => (FirewallStage.RoundTrip, "The network is fine; the node there refuses for the reason it gave."),
    };
}
