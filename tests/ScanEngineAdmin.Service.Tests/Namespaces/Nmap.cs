using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Service.Tests.Namespaces;

/// <summary>What nmap says of the same ports, seen from the same host.</summary>
internal static partial class Nmap
{
    public static SortedDictionary<int, string> Scan(
        NetworkNamespace from, IPAddress target, IReadOnlyCollection<int> ports)
    {
        string list = "-p" + string.Join(',', ports);
        string told = from.Run("nmap", "-sT", "-Pn", "-n", list, "-oG", "-", target.ToString());
        var states = new SortedDictionary<int, string>();
        foreach (Match port in Port().Matches(told))
        {
            states[int.Parse(port.Groups[1].Value, CultureInfo.InvariantCulture)] = port.Groups[2].Value;
        }

        // It sums up the state that most ports share.
        if (Ignored().Match(told) is { Success: true } ignored)
        {
            foreach (int port in ports)
            {
                states.TryAdd(port, ignored.Groups[1].Value);
            }
        }

        return states;
    }

    [GeneratedRegex(@"(\d+)/(\w+)/tcp/")]
    private static partial Regex Port();

    [GeneratedRegex(@"Ignored State: (\w+)")]
    private static partial Regex Ignored();
}
