using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Scanning.Connect;
using ScanEngineAdmin.Scanning.Nmap;
using ScanEngineAdmin.Scanning.Targets;

namespace ScanEngineAdmin.Scanning;

/// <summary>The scanners of an engine under one policy, whose rate they share.</summary>
internal sealed class ScannerSet
{
    /// <summary>Runs of nmap at once: each is a process with scripts, whose memory this process does not bound.</summary>
    private const int MaxNmapRuns = 4;

    private readonly ConnectScanner _connect;
    private readonly NmapScanner _nmap;

    /// <param name="policy">What the engine's admin allows.</param>
    /// <param name="time">The clock.</param>
    /// <param name="findNmap">Where nmap is on this host. Throws ScanRefused where it is not.</param>
    public ScannerSet(TargetPolicy policy, TimeProvider time, Func<NmapProgram> findNmap)
    {
        var rate = new RateBucket(policy.MaxRate, time);
        _connect = new ConnectScanner(policy, time, rate);
        _nmap = new NmapScanner(policy, time, rate, new SemaphoreSlim(MaxNmapRuns), findNmap);
    }

    public IScanner Of(ScannerKind kind) => kind == ScannerKind.Nmap ? _nmap : _connect;
}
