using System.Text.RegularExpressions;
using ScanEngineAdmin.Firewall.Tools;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Faults.Rulesets;

/// <summary>The filter of a namespace: put in force as a whole, and read as a whole.</summary>
internal sealed partial class FilterSpace(NetworkNamespace space)
{
    /// <summary>What is loaded in the same transaction that takes the filter before away: native text.</summary>
    public string Base { get; init; } = string.Empty;

    /// <summary>Runs a tool of the host, as the product has it run.</summary>
    public async Task<ToolResult> RunAsync(ToolCall call, CancellationToken cancellationToken)
    {
        string[] enter = space.Entrance();
        ToolResult said = await ToolRunner.RunAsync(
            new ToolCall(enter[0], [.. enter[1..], call.Tool, .. call.Arguments], call.Input), cancellationToken);
        return said.ExitCode == 127 ? ToolResult.Missing : said;
    }

    /// <summary>Puts a rule set in force in the place of the one before; false when a tool does not take it.</summary>
    public async Task<bool> SetAsync(Ruleset ruleset)
    {
        await ClearAsync();
        foreach (ToolCall load in ruleset.Loads)
        {
            if (await RunAsync(load, CancellationToken.None) is { Succeeded: false } refused)
            {
                Console.Error.WriteLine($"SKIP {ruleset.Name} {load.Tool}: {refused.Output}");
                return false;
            }
        }

        return true;
    }

    // The tables of the older iptables stay; each is emptied in one go, as a tool for each chain takes seconds.
    public Task ClearAsync() => RunAsync(
        new ToolCall(
            "sh",
            ["-c", "{ echo flush ruleset; cat; } | nft -f -; for t in iptables-legacy ip6tables-legacy; do $t-save | "
                + "sed -n -e '/^[*]/p' -e 's/^:\\([A-Z]*\\) [AD][A-Z]* .*/:\\1 ACCEPT [0:0]/p' -e '/^COMMIT/p' | "
                + "$t-restore; done; ipset flush; ipset destroy 2>/dev/null; true"],
            Base), CancellationToken.None);

    /// <summary>All rules, without what packets change and empty tables, which a tool leaves that has looked.</summary>
    public async Task<string> DumpAsync() => string.Join('\n', Empty().Replace(Moving().Replace(
        (await RunAsync(
            new ToolCall("sh", ["-c", "nft list ruleset; iptables-legacy-save; ip6tables-legacy-save"]),
            CancellationToken.None)).Output, string.Empty), string.Empty)
        .Split('\n', StringSplitOptions.RemoveEmptyEntries));

    [GeneratedRegex(@"packets \d+ bytes \d+|\[\d+:\d+\]| used (never|\d+\w*( \w*bytes)?)|#.*| expires \w+"
        + @"|(?<=flags dynamic[^}]*)\s*elements = \{[^}]*\}")]
    private static partial Regex Moving();

    [GeneratedRegex(@"table ip6? \w+ \{\s*(chain \w+ \{\s*type \w+ hook \w+ priority \w+; policy accept;\s*\}\s*)*\}\s*"
        + @"|\*\w+\s(:\w+ ACCEPT \s)+COMMIT\s")]
    private static partial Regex Empty();
}
