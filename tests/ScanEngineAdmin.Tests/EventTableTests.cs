using System.Reflection;
using System.Text.RegularExpressions;
using ScanEngineAdmin.Domain.Nodes;

namespace ScanEngineAdmin.Tests;

/// <summary>One list of the events' names: in the code, in docs/events.md, and wherever one is written.</summary>
public sealed class EventTableTests
{
    private static readonly string[] Names =
        [.. typeof(Events).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => field.Name).Order()];

    [Fact]
    public void Every_event_is_in_the_table_once_and_says_whether_the_trail_has_it()
    {
        IEnumerable<(string, bool)> rows = Regex.Matches(
                File.ReadAllText(Path.Combine(Checkout.Root, "docs", "events.md")),
                @"^\| `(\w+)` \| (yes)? ?\| .+ \|$",
                RegexOptions.Multiline)
            .Select(row => (row.Groups[1].Value, row.Groups[2].Success));

        Assert.Equal(Names.Select(name => (name, Events.Audited.Contains(name))), rows.Order());
    }

    [Fact]
    public void An_event_is_named_by_the_list_wherever_it_is_written()
    {
        var literal = new Regex(
            $@"\b(Log|LogPeer|Audit|Note|Done|Told|tell)\(\s*(\w+,\s*)?(LogLevel\.\w+,\s*)?""[A-Z]"
            + $@"|Event = ""|""({string.Join('|', Names)})""");
        string source = Path.Combine(Checkout.Root, "src");

        IEnumerable<string> found = Directory.EnumerateFiles(source, "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}"))
            .SelectMany(file => literal.Matches(Code(file)).Select(match => $"{file}: {match.Value}"));

        Assert.Empty(found);
    }

    private static string Code(string file) =>
        Regex.Replace(File.ReadAllText(file), "^ *//.*$", string.Empty, RegexOptions.Multiline);
}
