using System.Text.RegularExpressions;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Faults.Rulesets;

/// <summary>
/// The rule sets of a folder, one a file: *.nft for nft, *.v4 and *.v6 for iptables-restore and ip6tables-restore, by
/// turns of both backends; *.sh for what takes several tools, run inside the host's namespace. Devices that a rule asks
/// for by number are made, included files left out.
/// </summary>
internal static partial class RulesetFolder
{
    public static IReadOnlyList<Ruleset> Read(string folder)
    {
        var sets = new List<Ruleset>();
        foreach (string path in Directory.GetFiles(folder).Order(StringComparer.Ordinal))
        {
            string text = string.Join('\n', File.ReadAllLines(path)
                .Where(static line => !line.TrimStart().StartsWith("include ", StringComparison.Ordinal))) + "\n";
            string kind = Path.GetExtension(path);
            if (kind is ".nft")
            {
                string[] devices = [.. Device().Matches(text).Select(static m => m.Groups[1].Value)
                    .Where(static name => name is not ("lo" or "eth0" or "oif" or "exists" or "missing" or "type"))
                    .Distinct(StringComparer.Ordinal)];
                sets.Add(new Ruleset(Path.GetFileName(path), [
                    .. devices.Select(static name => new ToolCall(
                        "sh", ["-c", "ip link show \"$0\" || ip link add \"$0\" type veth", name])),
                    new ToolCall("nft", ["-f", "-"], Flush().Replace(text, string.Empty))]));
            }
            else if (kind is ".sh")
            {
                sets.Add(new Ruleset(Path.GetFileName(path), [new ToolCall("sh", ["-es"], text)]));
            }
            else if (kind is ".v4" or ".v6")
            {
                string backend = sets.Count % 2 == 0 ? "nft" : "legacy";
                sets.Add(new Ruleset(
                    $"{Path.GetFileName(path)} ({backend})",
                    [new ToolCall($"ip{(kind == ".v6" ? "6" : string.Empty)}tables-{backend}-restore", [], text)]));
            }
        }

        return sets;
    }

    [GeneratedRegex("\\b(?:[io]if|device)\\s+\"?([A-Za-z][\\w.-]{0,14})\"?")]
    private static partial Regex Device();

    // What was there before is taken away already, with what the run itself needs put in its place.
    [GeneratedRegex("^\\s*flush ruleset.*$", RegexOptions.Multiline)]
    private static partial Regex Flush();
}
