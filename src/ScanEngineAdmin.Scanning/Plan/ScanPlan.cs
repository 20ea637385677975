using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Scanning.Ports;
using ScanEngineAdmin.Scanning.Targets;

namespace ScanEngineAdmin.Scanning.Plan;

/// <summary>
/// A scan request understood and within limits; there is no plan that is not. The console makes one before it queues,
/// the engine makes its own from what it received: neither trusts the other's.
/// </summary>
internal sealed class ScanPlan
{
    private ScanPlan(ScanRequest request, TargetList targets, Exclusions exclusions, PortList ports)
    {
        Request = request;
        Exclusions = exclusions;
        Targets = targets;
        Ports = ports;
    }

    public ScanRequest Request { get; }

    public TargetList Targets { get; }

    internal Exclusions Exclusions { get; }

    public PortList Ports { get; }

    /// <summary>Targets times ports. Unit u is port u % ports of target u / ports.</summary>
    public long Units => Targets.Count * Ports.Count;

    public static ScanPlan Create(ScanRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        CheckTime("Timeout", request.Timeout, ScanLimits.MinTimeout, ScanLimits.MaxTimeout);
        CheckTime("BannerTimeout", request.BannerTimeout, TimeSpan.Zero, ScanLimits.MaxBannerTimeout);
        CheckNumber("Parallelism", request.Parallelism, 1, ScanLimits.MaxParallelism);
        CheckNumber("MaxRate", request.MaxRate, 0, ScanLimits.MaxRate);
        if (!Enum.IsDefined(request.Scanner))
        {
            throw new ScanEngineException(
                FaultCode.OptionInvalid,
                $"Scanner is {request.Scanner}, which this version does not know.",
                $"Give -Scanner as {string.Join(" or ", Enum.GetNames<ScannerKind>())}.",
                "Scanner");
        }

        if (request.Scanner == ScannerKind.Nmap && request.Timeout > ScanLimits.MaxNmapTimeout)
        {
            throw new ScanEngineException(
                FaultCode.OptionInvalid,
                $"Timeout is {request.Timeout.TotalSeconds:0.###} s, with which nmap cannot find a filtered port: it asks a port "
                    + "twice and leaves a host alone after 5 minutes.",
                $"Give -Timeout up to {ScanLimits.MaxNmapTimeout.TotalSeconds:0} s, or scan with -Scanner Connect.",
                "Timeout");
        }

        // A peer's JSON may leave out what the type says is there.
        PortList ports = PortList.Parse(request.Ports ?? string.Empty);
        var exclusions = Exclusions.Parse(request.Exclude);
        TargetList targets = TargetList.Parse(request.Targets ?? [], exclusions);
        if (targets.Count * ports.Count > ScanLimits.MaxUnits)
        {
            throw new ScanEngineException(
                FaultCode.TooManyTargets,
                $"{targets.Count} targets with {ports.Count} ports each are {targets.Count * ports.Count} attempts; "
                + $"one scan may have {ScanLimits.MaxUnits}.",
                "Give fewer ports, or split the targets over several scans.");
        }

        return new ScanPlan(request, targets, exclusions, ports);
    }

    private static void CheckTime(string name, TimeSpan value, TimeSpan min, TimeSpan max)
    {
        if (value < min || value > max)
        {
            throw Invalid(name, Seconds(value), Seconds(min), Seconds(max));
        }

        static string Seconds(TimeSpan time) => $"{time.TotalSeconds:0.###} s";
    }

    private static void CheckNumber(string name, int value, int min, int max)
    {
        if (value < min || value > max)
        {
            throw Invalid(name, $"{value}", $"{min}", $"{max}");
        }
    }

    private static ScanEngineException Invalid(string name, string value, string min, string max) => new(
        FaultCode.OptionInvalid, $"{name} is {value}.", $"Give -{name} from {min} to {max}.", name);
}
