using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Pairing;

namespace ScanEngineAdmin.Hosting;

/// <summary>Which console Start-EnginePoller was asked to poll, and how.</summary>
internal sealed record PollerRequest(
    string? Address,
    int Port,
    PairingSecret? Secret,
    string EngineName,
    TimeSpan Interval,
    bool SetsInterval,
    HttpProxy? Proxy);
