using System.Security.Cryptography;
using System.Text;

namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>
/// The tables of a rehearsal itself: they ask for the traces of every packet, first of all, and see last of all what
/// has passed. They accept all that is asked about, so they change no verdict; what the kernel sends by itself, as it
/// looks for routers or joins groups, is nobody's question, and ends here.
/// </summary>
internal static class RehearsalTables
{
    public const string Arrived = "arrived";
    public const string Device = "netdev";
    public const string FirstIn = "first_in";
    public const string FirstOut = "first_out";

    /// <summary>Of this process: no host has tables of that name, whatever its admin calls them. The oldest kernels take 31
    /// characters.</summary>
    public static readonly string Name = "sea_rehearsal_" + RandomNumberGenerator.GetHexString(16, lowercase: true);

    public static string Text(IEnumerable<string> devices)
    {
        var text = new StringBuilder(Inet(
            Chain(FirstIn, "prerouting", "-2147483648", "meta nftrace set 1")
            + Chain(FirstOut, "output", "-2147483648", "icmpv6 type { 131, 132, 133, 143 } drop; meta nftrace set 1")
            + Chain(Arrived, "input", "2147483646", "counter")));
        string[] names = [.. devices];
        if (names.Length > 0)
        {
            text.Append("table netdev " + Name + " {\n");
            for (int i = 0; i < names.Length; i++)
            {
                text.Append(Chain(
                    FormattableString.Invariant($"first{i}"), $"ingress device \"{names[i]}\"", "-2147483648",
                    "meta nftrace set 1"));
            }

            text.Append("}\n");
        }

        return text.ToString();
    }

    /// <summary>A chain of the same tables that translates nothing: the kernel begins to do so where it is told
    /// to.</summary>
    public static string Translating => Inet("chain translates { type nat hook prerouting priority 2147483647; }\n");

    /// <summary>A chain that no packet meets: the kernel tracks connections from the first rule on that asks for
    /// their state.</summary>
    public static string Tracking => Inet("chain tracks { ct state new; }\n");

    private static string Inet(string chains) => $"table inet {Name} {{\n{chains}}}\n";

    private static string Chain(string name, string hook, string priority, string rule) =>
        $"chain {name} {{ type filter hook {hook} priority {priority}; policy accept; {rule}; }}\n";
}
