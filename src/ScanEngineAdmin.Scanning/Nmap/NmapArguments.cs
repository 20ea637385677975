using System.Globalization;
using System.Net.Sockets;
using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Scanning.Nmap;

/// <summary>
/// The arguments of one run. What a console chooses is in them as numbers and as addresses that were parsed here, so no
/// text of a console can be an option of nmap.
/// </summary>
/// <param name="Program">The program.</param>
/// <param name="Parallelism">Connection attempts under way at once.</param>
/// <param name="Rate">Connection attempts per second; 0 for no limit.</param>
/// <param name="Timeout">How long a port may take to answer.</param>
internal sealed record NmapArguments(NmapProgram Program, int Parallelism, double Rate, TimeSpan Timeout)
{
    /// <summary>
    /// After this time nmap leaves a host alone, so that one that answers endlessly does not hold up the others.
    /// </summary>
    public static readonly TimeSpan HostLimit = TimeSpan.FromMinutes(5);

    /// <summary>When a run is ended that does not end by itself.</summary>
    public static readonly TimeSpan RunLimit = HostLimit * 2;

    private const int MaxUnits = ScanLimits.MaxFindingsPerBatch;

    /// <summary>Each port is asked at most twice, as one packet may be lost.</summary>
    private const int Attempts = 2;

    private static readonly TimeSpan BlockTime = TimeSpan.FromMinutes(1);

    /// <summary>As many as can be asked in about a minute if none answers: so much a cut repeats at most.</summary>
    public static int UnitsPerRun(ScanRequest request, int parallelism, double rate)
    {
        double units = parallelism * BlockTime / (request.Timeout * Attempts);
        units = rate > 0 ? Math.Min(units, rate * BlockTime.TotalSeconds / Attempts) : units;
        return (int)Math.Clamp(units, 1, MaxUnits);
    }

    /// <param name="block">What to scan.</param>
    /// <param name="only">Those of its addresses that are scanned.</param>
    /// <param name="services">Whether services are detected.</param>
    public IReadOnlyList<string> Of(NmapBlock block, IReadOnlyCollection<System.Net.IPAddress> only, bool services)
    {
        string timeout = string.Create(CultureInfo.InvariantCulture, $"{(long)Timeout.TotalMilliseconds}ms");
        string parallelism = Number(Parallelism);
        List<string> list =
        [
            // Connects, as the engine's service has no right to raw packets; without a ping or names, as the built-in
            // scanner; and no key of the terminal, where the engine runs in a session.
            "-sT", "-Pn", "-n", "--unprivileged", "--noninteractive", "--no-stylesheet", "-oX", "-",
            "--max-retries", Number(Attempts - 1),
            "--initial-rtt-timeout", timeout, "--max-rtt-timeout", timeout,
            "--min-parallelism", parallelism, "--max-parallelism", parallelism,
            "--min-hostgroup", Number(only.Count),
            "--host-timeout", Number((int)HostLimit.TotalSeconds),
        ];
        list.AddRange(services ? ["-sV"] : []);
        list.AddRange(Rate > 0 ? ["--max-rate", Rate.ToString("0.####", CultureInfo.InvariantCulture)] : []);
        list.AddRange(Program.DataFolder is { } data ? ["--datadir", data] : []);
        list.AddRange(only.First().AddressFamily == AddressFamily.InterNetworkV6 ? ["-6"] : []);
        return [.. list, "-p", block.Ports.ToString(), .. only.Select(static address => address.ToString())];
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
