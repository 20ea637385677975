using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using ScanEngineAdmin.Topology;

namespace ScanEngineAdmin.Tests.Topology;

public sealed partial class TopologyWriterTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    public static TheoryData<string> Formats => ["Html", "Svg", "Mermaid", "Json"];

    [Theory]
    [MemberData(nameof(Formats))]
    public void The_same_console_and_time_give_the_same_text_in_every_culture(string format)
    {
        string first = Write(format, Fleet.Small());
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = Odd();
            TopologySource other = Fleet.Small();
            Assert.Equal(first, Write(format, other with { Engines = [.. other.Engines.Reverse()] }));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }

        Assert.DoesNotContain('\r', first);
        Assert.EndsWith("\n", first, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Every_engine_pool_status_and_time_is_there(string format)
    {
        string text = Write(format, Fleet.Small());

        Assert.All(
            new[] { "console-1", "dmz-1", "dmz-2", "lab-1", "empty", "192.0.2.1", "40814", "40815" },
            part => Assert.Contains(part, text, StringComparison.Ordinal));
        Assert.Contains(format == "Json" ? "2026-11-29T06:29:30" : format == "Mermaid" ? "06#58;29#58;30" : "06:29:30 UTC", text, StringComparison.Ordinal);
        Assert.Contains(format == "Json" ? "NotResponding" : "Not responding", text, StringComparison.Ordinal);
        Assert.Contains(format == "Json" ? "PendingChange" : "reverse wanted", text, StringComparison.Ordinal);
        Assert.Contains(format == "Json" ? "\"missing\"" : format == "Mermaid" ? "firewall#58; 1 difference" : "firewall: 1 difference", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_drawing_is_sound_xml_whose_shapes_and_arrows_are_there(bool large)
    {
        TopologyModel model = TopologyBuilder.Build(large ? Fleet.Large() : Fleet.Small());
        XElement drawing = XElement.Parse(SvgTopology.Document(model));
        int rows = model.Groups.Sum(group => TopologyRow.Of(model, group).Count);

        Assert.Equal(rows, drawing.Descendants(Svg + "path").Count(path => (string?)path.Attribute("class") == "tip"));
        Assert.All(
            drawing.Descendants(Svg + "use"),
            use => Assert.Contains(drawing.Descendants(), shape => "#" + (string?)shape.Attribute("id") == (string?)use.Attribute("href")));
    }

    [Fact]
    public void A_hostile_name_is_text_in_a_drawing()
    {
        XElement drawing = XElement.Parse(Write("Svg", Fleet.Small(Fleet.Hostile)));

        Assert.DoesNotContain(drawing.Descendants(), element => element.Name.LocalName is "script" or "foreignObject" or "a");
        Assert.All(drawing.DescendantsAndSelf().Attributes(), attribute => Assert.DoesNotContain("alert", attribute.Value, StringComparison.Ordinal));
        Assert.Contains(drawing.Descendants(Svg + "title"), title => title.Value.Contains(Fleet.Hostile, StringComparison.Ordinal));
    }

    [Fact]
    public void A_hostile_name_is_text_on_a_page()
    {
        string page = Write("Html", Fleet.Small(Fleet.Hostile));
        string plain = Write("Html", Fleet.Small());

        // The tags of the page, whatever the names, are the same.
        Assert.Equal(Tag().Matches(plain).Select(Kind), Tag().Matches(page).Select(Kind));
        Assert.DoesNotContain("<script>alert", page, StringComparison.Ordinal);
        Assert.Single(Regex.Matches(page, "<script"));
        Assert.Empty(Regex.Matches(page, "<[^>]* on[a-z]+ *=", RegexOptions.IgnoreCase));
    }

    [Fact]
    public void A_page_loads_nothing_and_allows_only_its_own_script_and_style()
    {
        string page = Write("Html", Fleet.Small());

        Assert.Contains("default-src 'none'", page, StringComparison.Ordinal);
        Assert.Empty(Regex.Matches(page, "(src|href)=\"(?!#)|url\\(|@import|style=\"|https?://(?!www\\.w3\\.org/2000/svg)"));
        Assert.All(new[] { "script", "style" }, tag => Assert.Contains(
            $"{tag}-src {PageAsset.Hash(Regex.Match(page, $"<{tag}>(.*?)</{tag}>", RegexOptions.Singleline).Groups[1].Value)}",
            page, StringComparison.Ordinal));
    }

    [Fact]
    public void A_hostile_name_is_a_label_of_a_flowchart()
    {
        string[] lines = Write("Mermaid", Fleet.Small(Fleet.Hostile)).Split('\n');

        // What stands between the quotes is letters, digits, a few signs, entities and our own line breaks.
        Assert.All(lines.Skip(2), line => Assert.Matches(
            "^[^\"<`;%]*(\"([\\p{L}\\p{N} .,\\-]|#[0-9]+;|<br/>)*\"[^\"<`;%]*)*$", line));
        Assert.Equal(Write("Mermaid", Fleet.Small()).Split('\n').Length, lines.Length);
    }

    [Fact]
    public void A_thousand_engines_stay_below_the_bounds_of_a_flowchart()
    {
        string text = Write("Mermaid", Fleet.Large());

        Assert.InRange(text.Length, 1, 50_000);
        Assert.InRange(Regex.Count(text, "-->|-\\.->"), 1, 500);
    }

    [Fact]
    public void A_hostile_name_comes_back_from_json_as_it_is()
    {
        using var json = JsonDocument.Parse(Write("Json", Fleet.Small(Fleet.Hostile)));

        Assert.Contains(json.RootElement.GetProperty("engines").EnumerateArray(), engine => engine.GetProperty("name").GetString() == Fleet.Hostile);
        Assert.Equal(JsonTopology.Version, json.RootElement.GetProperty("version").GetInt32());
    }

    [Fact]
    public void A_console_without_engines_has_a_picture()
    {
        var none = new TopologySource { Now = Fleet.Now, Console = new TopologyConsole("c", false, null, null, null), Engines = [] };

        XElement.Parse(Write("Svg", none));
        Assert.Contains("0 engines", Write("Html", none), StringComparison.Ordinal);
        Assert.Contains("flowchart", Write("Mermaid", none), StringComparison.Ordinal);
    }

    // Of no real country: a host without ICU has no other culture.
    private static CultureInfo Odd()
    {
        var odd = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        odd.NumberFormat.NegativeSign = "~";
        odd.DateTimeFormat.TimeSeparator = ".";
        odd.DateTimeFormat.DateSeparator = "!";
        return odd;
    }

    private static string Kind(Match tag) => Regex.Replace(tag.Value, "[0-9]+", "0");

    private static string Write(string format, TopologySource source)
    {
        TopologyModel model = TopologyBuilder.Build(source);
        return format switch
        {
            "Svg" => SvgTopology.Document(model),
            "Mermaid" => MermaidTopology.Write(model),
            "Json" => JsonTopology.Write(model),
            _ => HtmlTopology.Write(model),
        };
    }

    [GeneratedRegex("</?[a-zA-Z!][^>]*>")]
    private static partial Regex Tag();
}
