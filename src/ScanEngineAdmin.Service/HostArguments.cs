using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Service;

/// <summary>The command line of the hosts.</summary>
internal sealed record HostArguments
{
    public const string Usage = """
        scanengineadmin console [--data FOLDER] [--listen ADDRESS:PORT] [--advertise HOST] [--keep-scans DAYS]
                                [--stop-with-stdin]
        scanengineadmin engine  [--data FOLDER] [--listen ADDRESS:PORT] [--once] [--stop-with-stdin]
        scanengineadmin firewall-applier --role console|engine [--data FOLDER] [--ports LIST] [--allow-from LIST]
                                [--provider NAME] [--state FOLDER] [--stop-with-stdin]
        scanengineadmin status  [--data FOLDER] [--role console|engine] [--json]
        scanengineadmin demo    [--keep]
        scanengineadmin --help | --version

        --data FOLDER           where the node keeps what it has (default: SCANENGINEADMIN_DATA, else the machine's)
        --listen ADDRESS:PORT   default [::]:40815 for the console, [::]:40814 for the engine; port 0 lets the OS choose
        --advertise HOST        name or address that reverse engines are told to dial
        --keep-scans DAYS       how long finished scans are kept; remembered (365 while it was never given)
        --once                  poll every console once, do the work, deliver it, end
        --role console|engine   whose firewall to serve: a separate process, as root, beside that node
        --ports LIST            ports that it may open beside 40814 and 40815: 443,41000
        --allow-from LIST       blocks that a rule may be for, of engines with -AllowFrom: 10.1.0.0/16, or any
        --provider NAME         Nftables, Firewalld, Ufw, Iptables, NetSecurity or Netsh (default: what owns the filter)
        --state FOLDER          where it keeps its lock and what it did (default: the system's own, root's alone)
        --stop-with-stdin       stop when standard input ends: the parent process is gone
        --json                  the status as one JSON object
        --keep                  keep the demo's folder and say where it is

        Exit codes: 0 stopped as asked, 1 failed, 2 bad arguments, 3 cannot start. Of status, for a health check:
        0 every node that was asked about runs, 1 one does not or there is none, 3 cannot be looked at.
        """;

    private const string Applier = "firewall-applier";

    public string? Data { get; init; }

    public IPEndPoint? Listen { get; init; }

    public string? Advertise { get; init; }

    public TimeSpan? KeepScans { get; init; }

    public bool Once { get; init; }

    public bool StopWithStdin { get; init; }

    public NodeRole? Role { get; init; }

    public IReadOnlyList<int> Ports { get; init; } = [];

    public IReadOnlyList<IPNetwork> AllowFrom { get; init; } = [];

    public FirewallProvider? Provider { get; init; }

    public string? State { get; init; }

    public bool Json { get; init; }

    public static HostArguments Parse(string host, IReadOnlyList<string> args)
    {
        var parsed = new HostArguments();
        for (int i = 0; i < args.Count; i++)
        {
            parsed = args[i] switch
            {
                "--data" => parsed with { Data = Value() },
                "--role" when host is Applier or StatusHost.Name => parsed with { Role = Name<NodeRole>(Value()) },
                "--ports" when host == Applier => parsed with { Ports = PortList(Value()) },
                "--allow-from" when host == Applier => parsed with { AllowFrom = Blocks(Value()) },
                "--provider" when host == Applier => parsed with { Provider = Name<FirewallProvider>(Value()) },
                "--state" when host == Applier => parsed with { State = Value() },
                "--json" when host == StatusHost.Name => parsed with { Json = true },
                "--listen" when host is not (Applier or StatusHost.Name) => parsed with { Listen = EndPoint(Value()) },
                "--advertise" when host == "console" => parsed with { Advertise = Value() },
                "--keep-scans" when host == "console" => parsed with { KeepScans = Days(Value()) },
                "--once" when host == "engine" => parsed with { Once = true },
                "--stop-with-stdin" when host != StatusHost.Name => parsed with { StopWithStdin = true },
                _ => throw new UsageException($"{host} has no option {args[i]}."),
            };

            string Value() => ++i < args.Count
                ? args[i]
                : throw new UsageException($"{args[i - 1]} needs a value.");
        }

        return parsed;
    }

    private static T Name<T>(string text)
        where T : struct, Enum =>
        text.All(char.IsAsciiLetter) && Enum.TryParse(text, ignoreCase: true, out T value)
            ? value
            : throw new UsageException($"{text} is none of {string.Join(", ", Enum.GetNames<T>())}.");

    private static TimeSpan Days(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int days) && days is >= 1 and <= 36_500
            ? TimeSpan.FromDays(days)
            : throw new UsageException($"{text} is no number of days from 1 to 36500.");

    private static int[] PortList(string text) => [.. text.Split(',', StringSplitOptions.TrimEntries).Select(
        one => int.TryParse(one, NumberStyles.None, CultureInfo.InvariantCulture, out int port)
            && port is >= 1 and <= 65535
            ? port
            : throw new UsageException($"{one} is no port; a list of ports is 443,41000."))];

    private static IReadOnlyList<IPNetwork> Blocks(string text)
    {
        try
        {
            return AllowedSources.Read(AllowedSources.Normalize([text])) is { Count: > 0 } blocks
                ? blocks
                : throw new UsageException("--allow-from needs addresses, blocks, or any.");
        }
        catch (ScanEngineException e)
        {
            throw new UsageException($"{e.Message} {e.Recommendation}");
        }
    }

    // The framework takes an address alone for port 0, which here would mean: any port, without a word.
    private static IPEndPoint EndPoint(string text) =>
        IPEndPoint.TryParse(text, out IPEndPoint? endPoint)
        && text.Contains(endPoint.AddressFamily == AddressFamily.InterNetwork ? ":" : "]:", StringComparison.Ordinal)
            ? endPoint
            : throw new UsageException($"{text} is not ADDRESS:PORT, such as 0.0.0.0:40815 or [::]:40815.");
}
