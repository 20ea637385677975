using System.Net;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Text;

namespace ScanEngineAdmin.Scanning.Targets;

/// <summary>Holds a scan to what the engine's own admin allows. Deny wins over allow.</summary>
internal sealed class TargetPolicyGuard
{
    /// <summary>
    /// IPv6 addresses that lead to IPv4 hosts, with where the IPv4 address stands in them: behind a NAT64 gateway
    /// (64:ff9b::/96), a stateless translator (::ffff:0:a.b.c.d), a 6to4 relay (2002::/16). What is denied there is
    /// denied here.
    /// </summary>
    private static readonly (AddressRange Block, int Shift)[] LeadToV4 =
    [
        (Block("64:ff9b::", 96), 0),
        (Block("::ffff:0:0:0", 96), 0),
        (Block("2002::", 16), 80),
    ];

    /// <summary>
    /// NAT64 with a prefix of the site's own choice: where the IPv4 address stands, only the site knows.
    /// </summary>
    private static readonly AddressRange LocalTranslation = Block("64:ff9b:1::", 48);

    private static readonly AddressRange Everything4 = new(false, 0, uint.MaxValue);
    private static readonly AddressRange Everything6 = new(true, 0, UInt128.MaxValue);

    private readonly AddressSet _forbidden;
    private readonly DeniedTargets _onDenied;

    /// <summary>
    /// Throws TargetInvalid when the policy itself names something that is not an address, range or block.
    /// </summary>
    public TargetPolicyGuard(TargetPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        AddressSet allow = Rules(policy.Allow, "allowed");
        AddressSet deny = Rules(policy.Deny, "denied");
        AddressSet outside = allow.Ranges.Count == 0
            ? AddressSet.Empty
            : new AddressSet([Everything4, Everything6]).Except(allow);
        _forbidden = new AddressSet([.. deny.Ranges, .. LeadingTo(deny), .. outside.Ranges]);
        _onDenied = policy.OnDenied;
    }

    /// <summary>
    /// Throws ScanRefused for the first address that may not be scanned, unless such ones are passed over. Host names
    /// pass here: they are held to the policy by the address they resolve to, when they do.
    /// </summary>
    public void Check(TargetList targets)
    {
        ArgumentNullException.ThrowIfNull(targets);
        if (_onDenied == DeniedTargets.Skip)
        {
            return;
        }

        foreach (AddressRange range in targets.Ranges)
        {
            if (_forbidden.Overlap(range)?.ToString() is { } refused)
            {
                throw new ScanEngineException(
                    FaultCode.ScanRefused,
                    $"The engine's target policy does not let {refused} be scanned from there.",
                    "Leave it out, or ask the engine's admin to change the policy on the engine host.",
                    refused);
            }
        }
    }

    public bool Allows(IPAddress address) => !_forbidden.Contains(address);

    /// <summary>What may not be scanned.</summary>
    internal AddressSet Forbidden => _forbidden;

    /// <summary>What a policy's texts stand for.</summary>
    /// <exception cref="ScanEngineException">TargetInvalid.</exception>
    internal static AddressSet Rules(IReadOnlyList<string> texts, string what) =>
        new((texts ?? []).SelectMany(text => TargetText.Parse(text).Addresses
            ?? throw new ScanEngineException(
            FaultCode.TargetInvalid,
            $"The target policy names '{TypedText.Shown(text)}' as {what}: a policy is about addresses, not names.",
            "Give addresses, ranges or blocks, as 10.0.0.0/8.",
            TypedText.Shown(text))));

    /// <summary>Addresses that are not denied themselves, but lead to ones that are.</summary>
    private static IEnumerable<AddressRange> LeadingTo(AddressSet deny)
    {
        // A connection to "any address" goes to this host's own.
        foreach (IPAddress own in new[] { IPAddress.Loopback, IPAddress.IPv6Loopback })
        {
            AddressRange loopback = AddressRange.Of(own);
            if (deny.Overlap(loopback) is not null)
            {
                yield return loopback with { First = 0, Last = 0 };
            }
        }

        AddressRange[] v4 = [.. deny.Ranges.Where(static range => !range.IsV6)];
        foreach ((AddressRange block, int shift) in LeadToV4)
        {
            foreach (AddressRange range in v4)
            {
                UInt128 rest = ((UInt128)1 << shift) - 1;
                yield return new AddressRange(
                    true, block.First + (range.First << shift), block.First + (range.Last << shift) + rest);
            }
        }

        if (v4.Length > 0)
        {
            yield return LocalTranslation;
        }
    }

    private static AddressRange Block(string first, int prefix)
    {
        UInt128 start = AddressRange.Number(IPAddress.Parse(first));
        return new AddressRange(true, start, start | (UInt128.MaxValue >> prefix));
    }
}
