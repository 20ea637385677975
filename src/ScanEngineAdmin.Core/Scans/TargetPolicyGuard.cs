using System.Net;

namespace ScanEngineAdmin.Core.Scans;

/// <summary>Holds a scan to what the engine's own admin allows. Deny wins over allow.</summary>
public sealed class TargetPolicyGuard
{
    /// <summary>
    /// 64:ff9b::/96 leads to IPv4 hosts behind a NAT64 gateway, so what is denied there is denied here too.
    /// </summary>
    private static readonly AddressRange TranslatedV4 =
        new(true, (UInt128)0x0064_FF9B << 96, ((UInt128)0x0064_FF9B << 96) + uint.MaxValue);

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

        if (FirstOverlap([TranslatedV4], range) is { } inside)
        {
            UInt128 offset = TranslatedV4.First;
            if (FirstOverlap(_deny, new AddressRange(false, inside.First - offset, inside.Last - offset)) is { } behind)
            {
                return new AddressRange(true, behind.First + offset, behind.Last + offset).ToString();
            }
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
