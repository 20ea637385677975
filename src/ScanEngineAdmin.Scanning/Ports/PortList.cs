using System.Collections;
using System.Globalization;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Text;

namespace ScanEngineAdmin.Scanning.Ports;

/// <summary>The ports of a scan, ascending and each once, as "22,80,8000-8100".</summary>
internal sealed class PortList
{
    private readonly List<(int First, int Last)> _ranges;
    private readonly int[] _starts;

    private PortList(List<(int First, int Last)> ranges)
    {
        _ranges = ranges;
        _starts = new int[ranges.Count];
        for (int i = 0; i < ranges.Count; i++)
        {
            _starts[i] = Count;
            Count += ranges[i].Last - ranges[i].First + 1;
        }
    }

    public int Count { get; }

    public int this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
            int at = Array.BinarySearch(_starts, index);
            at = at < 0 ? ~at - 1 : at;
            return _ranges[at].First + index - _starts[at];
        }
    }

    public static PortList Parse(string ports)
    {
        ArgumentNullException.ThrowIfNull(ports);
        return Parse(new object[] { ports });
    }

    /// <summary>Numbers and texts mixed, as a shell gives them: 22, "80", "8000-8100", "22,80".</summary>
    public static PortList Parse(IEnumerable ports) => Parse(ports, services: null);

    /// <summary>As people type them: names of services among them, by this system's list of services.</summary>
    public static PortList ParseTyped(IEnumerable ports, ServiceList? services = null) =>
        Parse(ports, services ?? ServiceList.Local);

    private static PortList Parse(IEnumerable ports, ServiceList? services)
    {
        ArgumentNullException.ThrowIfNull(ports);
        var ranges = new List<(int First, int Last)>();
        foreach (object? item in ports)
        {
            string text = Convert.ToString(item, CultureInfo.InvariantCulture) ?? string.Empty;
            foreach (string part in services is null ? text.Split([',', ';']).Select(TypedText.Clean) : TypedParts(text))
            {
                ranges.Add(services is null ? Range(part) : Typed(part, services));
                if (ranges.Count > 2 * 65_535)
                {
                    throw Invalid("...", "the list is longer than there are ports");
                }
            }
        }

        return ranges.Count == 0 ? throw Invalid(string.Empty, "no port is given") : new PortList(Merge(ranges));
    }

    public bool Contains(int port) => _ranges.Exists(range => range.First <= port && port <= range.Last);

    public override string ToString() => string.Join(',', _ranges.Select(range => range.First == range.Last
        ? range.First.ToString(CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{range.First}-{range.Last}")));

    // A blank parts ports as a comma does, but for the blanks around a dash; an empty part was not given.
    private static IEnumerable<string> TypedParts(string text) => text.Split([',', ';']).SelectMany(static part =>
        string.Join('-', TypedText.Clean(part).Split('-').Select(static end => end.Trim()))
            .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static (int First, int Last) Typed(string text, ServiceList services)
    {
        // As scanners and firewalls write them: T:80, 80/tcp, tcp/80.
        string[] parts = text.Split([':', '/']);
        string? protocol = parts.Length != 2 ? null
            : Array.Find(parts, static part => part.ToUpperInvariant() is "T" or "TCP" or "U" or "UDP" or "S" or "SCTP");
        if (protocol is not null)
        {
            return protocol.ToUpperInvariant() is "T" or "TCP"
                ? Typed(parts[0] == protocol ? parts[1] : parts[0], services)
                : throw Invalid(text, "TCP ports alone are scanned");
        }

        return text.ToUpperInvariant() switch
        {
            "*" or "-" or "ALL" or "ANY" => throw Invalid(text, "all ports are 1-65535"),
            "TOP" => throw Invalid(text, "the most usual ports are a parameter of their own, -TopPorts 100"),
            _ => text.Any(char.IsAsciiLetter) ? Service(text, services) : Range(text),
        };
    }

    private static (int First, int Last) Service(string name, ServiceList services) =>
        services.Find(name) is { } port ? (port, port) : throw Invalid(name, services.IsEmpty
            ? "this system has no list of services, so a port has to be a number"
            : "this system's list of services has no TCP service of that name");

    private static (int First, int Last) Range(string text)
    {
        int dash = text.IndexOf('-', StringComparison.Ordinal);
        int first = Port(text, dash < 0 ? text : text[..dash].TrimEnd());
        int last = dash < 0 ? first : Port(text, text[(dash + 1)..].TrimStart());
        return first <= last ? (first, last)
            : throw Invalid(text, $"its end is below its start; turned over, it is {last}-{first}");
    }

    private static int Port(string text, string number)
    {
        if (number.Length == 0)
        {
            throw Invalid(text, text.Length == 0 ? "it is empty" : "a range needs both ends, as 8000-8100");
        }

        if (!number.All(char.IsAsciiDigit))
        {
            throw Invalid(text, "a port is a whole number");
        }

        return int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int port)
            && port is >= 1 and <= 65_535
            ? port
            : throw Invalid(text, "a port is 1 to 65535");
    }

    private static List<(int First, int Last)> Merge(List<(int First, int Last)> ranges)
    {
        ranges.Sort();
        var merged = new List<(int First, int Last)>();
        foreach ((int first, int last) in ranges)
        {
            if (merged.Count > 0 && first <= merged[^1].Last + 1)
            {
                merged[^1] = (merged[^1].First, Math.Max(merged[^1].Last, last));
            }
            else
            {
                merged.Add((first, last));
            }
        }

        return merged;
    }

    private static ScanEngineException Invalid(string text, string why) => new(
        FaultCode.PortRangeInvalid,
        $"The port '{TypedText.Shown(text)}' cannot be used: {why}.",
        "Give ports and ranges from 1 to 65535, as -Port 22,80,8000-8100.",
        TypedText.Shown(text));
}
