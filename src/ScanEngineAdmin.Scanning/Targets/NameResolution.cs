using System.Net;
using System.Net.Sockets;

namespace ScanEngineAdmin.Scanning.Targets;

/// <summary>
/// Host names to addresses, once per scan, on the engine: its view of the network is the one that counts.
/// </summary>
internal sealed class NameResolution
{
    private const int AtOnce = 64;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private readonly Func<string, CancellationToken, Task<IPAddress[]>> _lookUp;
    private readonly TargetPolicyGuard _guard;
    private readonly TimeProvider _time;

    public NameResolution(
        TargetPolicyGuard guard, TimeProvider time, Func<string, CancellationToken, Task<IPAddress[]>> lookUp)
    {
        _guard = guard;
        _time = time;
        _lookUp = lookUp;
    }

    /// <summary>
    /// One address per name in the list's order, null for one that is not scanned; and what to say about those.
    /// </summary>
    public async Task<(IPAddress?[] Addresses, string Detail)> ResolveAsync(
        IReadOnlyList<string> names, CancellationToken stop)
    {
        var addresses = new IPAddress?[names.Count];
        string?[] refusals = new string?[names.Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = stop };
        await Parallel.ForAsync(0, names.Count, options, async (i, token) =>
        {
            (addresses[i], refusals[i]) = await ResolveAsync(names[i], token).ConfigureAwait(false);
        }).ConfigureAwait(false);
        return (addresses, Detail(refusals));
    }

    private static string Detail(string?[] refusals)
    {
        const int Named = 10;
        string[] said = refusals.OfType<string>().ToArray();
        return said.Length <= Named
            ? string.Join("; ", said)
            : $"{string.Join("; ", said.Take(Named))}; and {said.Length - Named} more names";
    }

    private async Task<(IPAddress? Address, string? Refusal)> ResolveAsync(string name, CancellationToken stop)
    {
        string shown = TargetText.Shown(name);
        try
        {
            IPAddress[] found = await _lookUp(name, stop).WaitAsync(Limit, _time, stop).ConfigureAwait(false);
            if (found.Length == 0)
            {
                return (null, $"{shown} has no address");
            }

            // The system's resolver has sorted them: the first is the one that other programs here would use.
            IPAddress address = found[0].IsIPv4MappedToIPv6 ? found[0].MapToIPv4() : found[0];
            return _guard.Allows(address)
                ? (address, null)
                : (null, $"{shown} ({address}) is not allowed by the engine's target policy");
        }
        catch (SocketException)
        {
            return (null, $"{shown} did not resolve");
        }
        catch (TimeoutException)
        {
            return (null, $"{shown} did not resolve within {Limit.TotalSeconds:0} s");
        }
    }
}
