using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Faults.Rulesets;

/// <summary>
/// Makes filters as no admin would write them and every kernel takes them: managers, families, hooks, priorities, sets,
/// maps, jumps, states, rates and interfaces, in any order. The same seed makes the same filter.
/// </summary>
internal static class RulesetGenerator
{
    public static Ruleset Make(int seed)
    {
        var random = new Random(seed);
        var loads = new List<ToolCall>();
        int kind = random.Next(100);
        if (kind < 55 || kind >= 85)
        {
            loads.Add(new ToolCall("nft", ["-f", "-"], new NativeText(random).Make()));
        }

        if (kind >= 55)
        {
            loads.Add(new ToolCall("ipset", ["restore"], SavedText.Sets));
            string[] backends = random.Next(100) switch
            {
                < 45 => ["nft"],
                < 80 => ["legacy"],
                _ => ["nft", "legacy"],
            };
            foreach (string backend in backends)
            {
                foreach (bool v4 in (bool[])[true, false])
                {
                    if (random.Next(100) < 75)
                    {
                        loads.Add(new ToolCall(
                            $"{(v4 ? "iptables" : "ip6tables")}-{backend}-restore", [],
                            new SavedText(random, v4).Make()));
                    }
                }
            }
        }

        return new Ruleset($"seed {seed}", loads);
    }

    public static T Pick<T>(this Random random, params ReadOnlySpan<T> of) => of[random.Next(of.Length)];
}
