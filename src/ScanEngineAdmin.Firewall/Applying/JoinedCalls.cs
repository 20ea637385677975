using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Firewall.Applying;

/// <summary>
/// Many calls as few. What nft is given in one go it does as one transaction; firewall-cmd is a slow script that takes
/// any number of rich rules in one call.
/// </summary>
internal static class JoinedCalls
{
    public static IReadOnlyList<ToolCall> Of(IEnumerable<ToolCall> calls)
    {
        var joined = new List<ToolCall>();
        foreach (ToolCall call in calls)
        {
            if (call is { Tool: "nft", Input: not null } && joined.Count > 0 && joined[^1].Tool == "nft")
            {
                joined[^1] = joined[^1] with { Input = joined[^1].Input + call.Input };
            }
            else if (Earlier(joined, call) is { } at)
            {
                joined[at] = joined[at] with { Arguments = [.. joined[at].Arguments, .. call.Arguments.Where(IsRich)] };
            }
            else
            {
                joined.Add(call);
            }
        }

        return joined;
    }

    /// <summary>The one it can be done with: of the same kind, and nothing after it is about its rule.</summary>
    private static int? Earlier(List<ToolCall> joined, ToolCall call)
    {
        if (call.Tool != "firewall-cmd" || call.Arguments.FirstOrDefault(IsRich) is not { } rich)
        {
            return null;
        }

        for (int at = joined.Count - 1; at >= 0; at--)
        {
            if (Kind(joined[at]).SequenceEqual(Kind(call), StringComparer.Ordinal))
            {
                return at;
            }

            if (joined[at].Arguments.Any(a => IsRich(a) && Rule(a) == Rule(rich)))
            {
                return null;
            }
        }

        return null;
    }

    private static bool IsRich(string argument) => argument.StartsWith("--add-rich-rule=", StringComparison.Ordinal)
        || argument.StartsWith("--remove-rich-rule=", StringComparison.Ordinal);

    // The same options, and the same verb once.
    private static IEnumerable<string> Kind(ToolCall call) => call.Arguments
        .Select(static a => IsRich(a) ? a[..a.IndexOf('=', StringComparison.Ordinal)] : a).Distinct()
        .Prepend(call.Tool);

    private static string Rule(string argument) => argument[argument.IndexOf('=', StringComparison.Ordinal)..];
}
