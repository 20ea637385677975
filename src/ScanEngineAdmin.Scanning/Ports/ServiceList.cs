using System.Globalization;
using ScanEngineAdmin.Domain.Faults;

namespace ScanEngineAdmin.Scanning.Ports;

/// <summary>
/// TCP services by name, and the ports worth trying first: from the lists that this system has. nmap-services, where
/// nmap is installed, knows how often each port is found open; the system's own list of services (/etc/services, on
/// Windows drivers\etc\services) knows names only, and its order is the order of the file.
/// </summary>
internal sealed class ServiceList
{
    private const long MostBytes = 8L * 1024 * 1024;

    private static readonly Lazy<ServiceList> Known = new(() => Load(Files()));

    private readonly Dictionary<string, int> _byName = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<int> _ranked = [];

    private ServiceList()
    {
    }

    /// <summary>What this system has; read once.</summary>
    public static ServiceList Local => Known.Value;

    public bool IsEmpty => _byName.Count == 0;

    /// <summary>The file that <see cref="Top"/> is from; null if there is none.</summary>
    public string? RankedBy { get; private set; }

    public int? Find(string name) => _byName.TryGetValue(name, out int port) ? port : null;

    /// <summary>The first so many ports of the ranking. Throws PortRangeInvalid when it has not so many.</summary>
    public PortList Top(int count)
    {
        if (count < 1 || count > _ranked.Count)
        {
            throw new ScanEngineException(
                FaultCode.PortRangeInvalid,
                RankedBy is null
                    ? "This system has no list of services, so no port comes before another."
                    : $"The {count} most usual ports are not to be had: {RankedBy} has {_ranked.Count}.",
                RankedBy is null
                    ? "Install nmap (its nmap-services) or the system's list of services, or give ports with -Port."
                    : $"Give 1 to {_ranked.Count}.",
                count.ToString(CultureInfo.InvariantCulture));
        }

        return PortList.Parse(_ranked.Take(count).ToArray());
    }

    /// <summary>From the files that are there, nmap's before the system's.</summary>
    internal static ServiceList Load(IEnumerable<string> files)
    {
        var list = new ServiceList();
        foreach (string file in files)
        {
            list.Add(file);
        }

        return list;
    }

    private static IEnumerable<string> Files()
    {
        if (OperatingSystem.IsWindows())
        {
            foreach (Environment.SpecialFolder programs in new[]
            {
                Environment.SpecialFolder.ProgramFilesX86, Environment.SpecialFolder.ProgramFiles,
            })
            {
                yield return Path.Combine(Environment.GetFolderPath(programs), "Nmap", "nmap-services");
            }

            yield return Path.Combine(Environment.SystemDirectory, "drivers", "etc", "services");
            yield break;
        }

        yield return "/usr/share/nmap/nmap-services";
        yield return "/usr/local/share/nmap/nmap-services";
        yield return "/opt/homebrew/share/nmap/nmap-services";
        yield return "/etc/services";
    }

    private void Add(string file)
    {
        var ports = new List<(int Port, double Frequency)>();
        try
        {
            if (!File.Exists(file) || new FileInfo(file).Length > MostBytes)
            {
                return;
            }

            foreach (string line in File.ReadLines(file))
            {
                if (Read(line) is { } service)
                {
                    ports.Add((service.Port, service.Frequency));
                    foreach (string name in service.Names)
                    {
                        _byName.TryAdd(name, service.Port);
                    }
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What cannot be read does not name anything.
            return;
        }

        if (RankedBy is null && ports.Count > 0)
        {
            RankedBy = file;

            // A stable sort: where there are no frequencies the order of the file is left.
            _ranked.AddRange(ports.OrderByDescending(static one => one.Frequency)
                .Select(static one => one.Port).Distinct());
        }
    }

    // name port/protocol [frequency] [aliases] [# comment]
    private static (int Port, double Frequency, IEnumerable<string> Names)? Read(string line)
    {
        string[] fields = line.Split('#')[0].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length < 2 || fields[1].Split('/') is not [var number, "tcp"]
            || !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int port)
            || port is < 1 or > 65_535)
        {
            return null;
        }

        bool ranked = fields.Length > 2 && double.TryParse(
            fields[2], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out _);
        double frequency = ranked
            ? double.Parse(fields[2], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture) : 0;
        IEnumerable<string> names = fields.Skip(ranked ? 3 : 2).Prepend(fields[0])
            .Where(static name => name.Any(char.IsAsciiLetter) && name != "unknown");
        return (port, frequency, names);
    }
}
