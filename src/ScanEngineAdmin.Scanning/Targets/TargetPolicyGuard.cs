using System.Net;
using ScanEngineAdmin.Domain.Faults;

namespace ScanEngineAdmin.Scanning.Targets;

/// <summary>Holds a scan to what the engine's own admin allows. Deny wins over allow.</summary>
public sealed class TargetPolicyGuard
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

    private static readonly AddressRange LoopbackV4 = Single("127.0.0.1");
    private static readonly AddressRange LoopbackV6 = Single("::1");

    private readonly List<AddressRange> _allow;
    private readonly List<AddressRange> _deny;

    /// <summary>
    /// Throws TargetInvalid when the policy itself names something that is not an address, range or block.
    /// </summary>
    public TargetPolicyGuard(TargetPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        _allow = Rules(policy.Allow, "allowed");
        _deny = Rules(policy.Deny, "denied");
    }

    /// <summary>
    /// Throws ScanRefused for the first address that may not be scanned. Host names pass here: they are held to the
    /// policy by the address they resolve to, when they do.
    /// </summary>
    public void Check(TargetList targets)
    {
        ArgumentNullException.ThrowIfNull(targets);
        foreach (AddressRange range in targets.Ranges)
        {
            if (Refused(range) is { } refused)
            {
                throw new ScanEngineException(
                    FaultCode.ScanRefused,
                    $"The engine's target policy does not let {refused} be scanned from there.",
                    "Leave it out, or ask the engine's admin to change the policy on the engine host.",
                    refused);
            }
        }
    }

    public bool Allows(IPAddress address) => Refused(AddressRange.Of(address)) is null;

    private static List<AddressRange> Rules(IReadOnlyList<string> texts, string what) =>
        AddressRange.Merge((texts ?? []).Select(text => TargetText.Parse(text).Addresses
            ?? throw new ScanEngineException(
            FaultCode.TargetInvalid,
            $"The target policy names '{TargetText.Shown(text)}' as {what}: a policy is about addresses, not names.",
            "Give addresses, ranges or blocks, as 10.0.0.0/8.",
            TargetText.Shown(text))));

    /// <summary>The first part of the range that is refused, or null.</summary>
    private string? Refused(AddressRange range)
    {
        if (FirstOverlap(_deny, range) is { } denied)
        {
            return denied.ToString();
        }

        if (RefusedElsewhere(range) is { } other)
        {
            return other;
        }

        if (_allow.Count == 0)
        {
            return null;
        }

        // The rules are merged, so a range is allowed only if one of them holds all of it.
        if (FirstOverlap(_allow, range) is not { } allowed || allowed.First > range.First)
        {
            return AddressRange.Address(range.IsV6, range.First).ToString();
        }

        return allowed.Last >= range.Last ? null : AddressRange.Address(range.IsV6, allowed.Last + 1).ToString();
    }

    /// <summary>Addresses that are not denied themselves, but lead to ones that are.</summary>
    private string? RefusedElsewhere(AddressRange range)
    {
        // A connection to "any address" goes to this host's own.
        if (range.First == UInt128.Zero && FirstOverlap(_deny, range.IsV6 ? LoopbackV6 : LoopbackV4) is not null)
        {
            return AddressRange.Address(range.IsV6, 0).ToString();
        }

        foreach ((AddressRange block, int shift) in LeadToV4)
        {
            if (FirstOverlap([block], range) is { } inside
                && FirstOverlap(_deny, new AddressRange(false, V4(inside.First), V4(inside.Last))) is { } behind)
            {
                return shift == 0
                    ? new AddressRange(true, behind.First + block.First, behind.Last + block.First).ToString()
                    : inside.ToString();
            }

            UInt128 V4(UInt128 address) => (address >> shift) & uint.MaxValue;
        }

        return _deny.Exists(rule => !rule.IsV6) ? FirstOverlap([LocalTranslation], range)?.ToString() : null;
    }

    private static AddressRange Single(string address) => AddressRange.Of(IPAddress.Parse(address));

    private static AddressRange Block(string first, int prefix)
    {
        UInt128 start = AddressRange.Number(IPAddress.Parse(first));
        return new AddressRange(true, start, start | (UInt128.MaxValue >> prefix));
    }

    private static AddressRange? FirstOverlap(List<AddressRange> rules, AddressRange range)
    {
        foreach (AddressRange rule in rules)
        {
            if (rule.IsV6 == range.IsV6 && rule.First <= range.Last && range.First <= rule.Last)
            {
                return rule with
                {
                    First = UInt128.Max(rule.First, range.First),
                    Last = UInt128.Min(rule.Last, range.Last),
                };
            }
        }

        return null;
    }
}
