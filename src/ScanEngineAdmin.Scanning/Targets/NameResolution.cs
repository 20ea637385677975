using System.Net;
using System.Net.Sockets;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Text;

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

    /// <summary>All addresses that the excluded names have.</summary>
    /// <exception cref="ScanEngineException">
    /// ScanRefused: one cannot be looked up, so nobody knows which address must not be scanned.
    /// </exception>
    public async Task<AddressSet> ExcludedAsync(IReadOnlyList<string> names, CancellationToken stop)
    {
        var found = new AddressRange[names.Count][];
        var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = stop };
        await Parallel.ForAsync(0, names.Count, options, async (i, token) =>
        {
            try
            {
                IPAddress[] all = await _lookUp(names[i], token).WaitAsync(Limit, _time, token).ConfigureAwait(false);
                found[i] = [.. all.Select(AddressRange.Of)];
            }
            catch (Exception e) when (e is SocketException or TimeoutException)
            {
                found[i] = [];
            }
        }).ConfigureAwait(false);
        int lost = Array.FindIndex(found, static addresses => addresses.Length == 0);
        if (lost >= 0)
        {
            string shown = TypedText.Shown(names[lost]);
            throw new ScanEngineException(
                FaultCode.ScanRefused,
                $"The excluded host name {shown} has no address that the engine can look up.",
                "Exclude its address, or leave the name out of the exclusions.",
                shown);
        }

        return new AddressSet(found.SelectMany(static addresses => addresses));
    }

    /// <summary>
    /// One address per name in the list's order, null for one that is not scanned; and what to say about those.
    /// </summary>
    public async Task<(IPAddress?[] Addresses, string Detail)> ResolveAsync(
        IReadOnlyList<string> names, AddressSet excluded, CancellationToken stop)
    {
        var addresses = new IPAddress?[names.Count];
        string?[] refusals = new string?[names.Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = stop };
        await Parallel.ForAsync(0, names.Count, options, async (i, token) =>
        {
            (addresses[i], refusals[i]) = await ResolveAsync(names[i], excluded, token).ConfigureAwait(false);
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

    private async Task<(IPAddress? Address, string? Refusal)> ResolveAsync(
        string name, AddressSet excluded, CancellationToken stop)
    {
        string shown = TypedText.Shown(name);
        try
        {
            IPAddress[] found = await _lookUp(name, stop).WaitAsync(Limit, _time, stop).ConfigureAwait(false);
            if (found.Length == 0)
            {
                return (null, $"{shown} has no address");
            }

            // The system's resolver has sorted them: the first is the one that other programs here would use. One with a
            // zone says nothing to anybody but this host.
            if (Array.Find(found, static one => one.AddressFamily != AddressFamily.InterNetworkV6 || one.ScopeId == 0)
                is not { } first)
            {
                return (null, $"{shown} has an address on one link only");
            }

            IPAddress address = PlainAddress.Of(first);
            return excluded.Contains(address) ? (null, $"{shown} ({address}) is excluded")
                : _guard.Allows(address) ? (address, null)
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
