using System.Diagnostics;

namespace ScanEngineAdmin.Faults.Lab;

/// <summary>
/// The network between a lab's hosts, which is this process's own (see <see cref="Inside"/>): forwards, and can drop,
/// reject, and lead connections elsewhere.
/// </summary>
internal static class Router
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    public static void Open()
    {
        File.WriteAllText("/proc/sys/net/ipv4/ip_forward", "1");
        Run("ip", "link", "set", "lo", "up");
    }

    /// <summary>A network with nobody in it: whoever is dialled there is absent.</summary>
    public static string EmptyNetwork()
    {
        Run("ip", "link", "add", "empty0", "type", "veth", "peer", "name", "empty1");
        Run("ip", "addr", "add", "10.250.0.1/24", "dev", "empty0");
        Run("ip", "link", "set", "empty0", "up");
        Run("ip", "link", "set", "empty1", "up");
        return "10.250.0.77";
    }

    /// <summary>Forgets who was absent, so that the next one is looked for as the first was.</summary>
    public static void Forget() => Run("ip", "neigh", "flush", "dev", "empty0");

    /// <summary>Sets the router's filter to these commands and nothing else but <see cref="Tracking"/>.</summary>
    public static void Filter(params string[] commands) =>
        Run("nft", Tracking.Set("forward", commands));

    /// <summary>Whether this kernel knows that discipline for a link: tries it where nobody is.</summary>
    public static bool CanEmulate(params string[] discipline)
    {
        try
        {
            Run("tc", ["qdisc", "add", "dev", "lo", "root", .. discipline]);
            Run("tc", "qdisc", "del", "dev", "lo", "root");
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    public static void Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        string error = process.StandardError.ReadToEnd();
        if (!process.WaitForExit(Bound) || process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {error}");
        }
    }
}
