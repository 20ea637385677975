using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Text;

namespace ScanEngineAdmin.Domain.Engines;

/// <summary>
/// From where an engine may dial its console, as the console's admin says it of an engine whose address changes or is
/// not its own (DHCP, NAT): addresses, blocks, or any. The console's firewall rule is then for these, and not for the
/// address that the engine was last seen at.
/// </summary>
internal static class AllowedSources
{
    public const string Any = "any";

    private const int Most = 64;
    private const string Forms = "Give addresses, blocks (10.1.0.0/16, 2001:db8::/48), or any.";

    private static readonly IPNetwork[] Everything = [new(IPAddress.Any, 0), new(IPAddress.IPv6Any, 0)];

    /// <summary>As a record keeps it: no two of its blocks meet; null for none.</summary>
    /// <exception cref="ScanEngineException">AddressInvalid.</exception>
    public static string? Normalize(IEnumerable<string> typed)
    {
        ArgumentNullException.ThrowIfNull(typed);
        string[] texts = [.. typed.SelectMany(static text => (text ?? string.Empty).Split(',', ';'))
            .Select(TypedText.Clean).Where(static text => text.Length > 0)];
        return Text(Merge(texts.SelectMany(Parse)));
    }

    /// <summary>Whether a record says it, or nobody: what cannot be read opens nothing.</summary>
    public static IReadOnlyList<IPNetwork> Read(string? kept)
    {
        if (string.IsNullOrEmpty(kept))
        {
            return [];
        }

        try
        {
            return Merge(kept.Split(", ").SelectMany(Parse));
        }
        catch (ScanEngineException)
        {
            return [];
        }
    }

    /// <summary>One by one, in the form in which they are shown.</summary>
    public static IReadOnlyList<string> Texts(IReadOnlyList<IPNetwork> blocks) =>
        blocks.Count(static block => block.PrefixLength == 0) == 2 ? [Any] : [.. blocks.Select(Text)];

    /// <summary>An address alone where the block is one.</summary>
    public static string Text(IPNetwork block) => block.PrefixLength == Length(block.BaseAddress)
        ? block.BaseAddress.ToString()
        : block.ToString();

    /// <summary>Whether all of a block lies in one of those.</summary>
    public static bool Contain(IReadOnlyList<IPNetwork> allowed, IPNetwork block) => allowed.Any(one =>
        one.BaseAddress.AddressFamily == block.BaseAddress.AddressFamily
        && one.PrefixLength <= block.PrefixLength && one.Contains(block.BaseAddress));

    private static string? Text(IPNetwork[] blocks) =>
        blocks.Length == 0 ? null : string.Join(", ", Texts(blocks));

    private static IEnumerable<IPNetwork> Parse(string text)
    {
        if (text.Equals(Any, StringComparison.OrdinalIgnoreCase))
        {
            return Everything;
        }

        string[] parts = text.Split('/');
        TextFlaw? flaw = HostText.Read(parts[0], out HostText host);
        if (flaw is not null || parts.Length > 2)
        {
            throw Invalid(text, flaw ?? new TextFlaw("it is no address and no block"));
        }

        if (host.Address is not { } address)
        {
            throw Invalid(text, new TextFlaw("it is a name, which may mean another address tomorrow"));
        }

        if (host.HasZone)
        {
            throw Invalid(text, new TextFlaw("its zone means nothing to a firewall"));
        }

        int full = Length(address);
        if (parts.Length == 1)
        {
            IPAddress plain = PlainAddress.Of(address);
            return [new IPNetwork(plain, Length(plain))];
        }

        if (HostText.Number(parts[1], full) is not { } length)
        {
            throw Invalid(text, new TextFlaw(string.Create(
                CultureInfo.InvariantCulture, $"the length behind the / is a number from 0 to {full}")));
        }

        IPNetwork block = Block(address, length);
        return block.BaseAddress.Equals(address)
            ? [block]
            : throw Invalid(text, new TextFlaw("it is an address within a block", $"{block}"));
    }

    private static ScanEngineException Invalid(string text, TextFlaw flaw)
    {
        string shown = TypedText.Shown(text);
        return new ScanEngineException(
            FaultCode.AddressInvalid,
            $"No engine can be allowed to dial from '{shown}': {flaw.Why}.",
            flaw.Meant is { } meant ? $"Give {meant}." : Forms,
            shown);
    }

    // Two that meet cannot be in one set of nftables, and two halves would be found as their whole.
    private static IPNetwork[] Merge(IEnumerable<IPNetwork> blocks)
    {
        List<IPNetwork> kept = [];
        foreach (IPNetwork next in blocks)
        {
            IPNetwork block = next;
            if (Contain(kept, block))
            {
                continue;
            }

            kept.RemoveAll(one => Contain([block], one));
            while (block.PrefixLength > 0 && kept.Remove(Sibling(block)))
            {
                block = Block(block.BaseAddress, block.PrefixLength - 1);
            }

            kept.Add(block);
        }

        return kept.Count <= Most
            ? [.. kept.OrderBy(static one => Length(one.BaseAddress))
                .ThenBy(static one => Convert.ToHexString(one.BaseAddress.GetAddressBytes()), StringComparer.Ordinal)]
            : throw new ScanEngineException(
                FaultCode.AddressInvalid,
                $"{kept.Count} addresses and blocks are more than the {Most} that an engine may dial from.",
                "Give the blocks that hold them.",
                "AllowFrom");
    }

    private static IPNetwork Sibling(IPNetwork block)
    {
        byte[] bytes = block.BaseAddress.GetAddressBytes();
        int bit = block.PrefixLength - 1;
        bytes[bit / 8] ^= (byte)(0x80 >> (bit % 8));
        return new IPNetwork(new IPAddress(bytes), block.PrefixLength);
    }

    private static IPNetwork Block(IPAddress address, int length)
    {
        byte[] bytes = address.GetAddressBytes();
        for (int bit = length; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        }

        return new IPNetwork(new IPAddress(bytes), length);
    }

    private static int Length(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
}
