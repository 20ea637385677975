using System.Globalization;
using System.Net;
using System.Text;

namespace ScanEngineAdmin.Benchmarks.Measure;

/// <summary>Product, peers and limit side by side, as an SVG that needs no library to draw and none to read.</summary>
internal static class Picture
{
    private const int Width = 900;
    private const int NamesEnd = 330;
    private const int BarsEnd = 720;
    private const int Line = 18;

    public static string Draw(IReadOnlyList<Report.Bar> bars, string machine)
    {
        var body = new StringBuilder();
        int y = 30;
        Text(body, 10, y, "start", machine, 11, "#555");
        foreach (var group in bars.GroupBy(bar => (bar.Benchmark, bar.Group, bar.Unit)))
        {
            y += Line + 14;
            Text(body, 10, y, "start", $"{group.Key.Benchmark} {group.Key.Group} [{group.Key.Unit}]", 13, "#000");
            double most = group.Max(bar => bar.Series.Max);
            foreach (Report.Bar bar in group)
            {
                y += Line;
                Text(body, NamesEnd - 8, y, "end", bar.Name, 12, "#000");
                int length = At(bar.Series.Median, most) - NamesEnd;
                string colour = bar.Name.StartsWith("product", StringComparison.Ordinal) ? "#2563a8" : "#a9b4c0";
                body.AppendLine(CultureInfo.InvariantCulture,
                    $"<rect x='{NamesEnd}' y='{y - 11}' width='{length}' height='13' fill='{colour}'/>");
                (int from, int to) = (At(bar.Series.Min, most), At(bar.Series.Max, most));
                body.AppendLine(CultureInfo.InvariantCulture,
                    $"<line x1='{from}' x2='{to}' y1='{y - 4}' y2='{y - 4}' stroke='#222'/>");
                Text(body, BarsEnd + 8, y, "start", bar.Series.ToString(), 11, "#000");
            }
        }

        return string.Create(CultureInfo.InvariantCulture,
            $"<svg xmlns='http://www.w3.org/2000/svg' width='{Width}' height='{y + 20}' font-family='sans-serif'>\n"
            + $"<rect width='100%' height='100%' fill='#fff'/>\n{body}</svg>\n");
    }

    private static int At(double value, double most) =>
        NamesEnd + (most > 0 && double.IsFinite(value) ? (int)(value / most * (BarsEnd - NamesEnd)) : 0);

    private static void Text(StringBuilder body, int x, int y, string anchor, string text, int size, string colour) =>
        body.AppendLine(CultureInfo.InvariantCulture,
            $"<text x='{x}' y='{y}' font-size='{size}' fill='{colour}' text-anchor='{anchor}'>"
                + $"{WebUtility.HtmlEncode(text)}</text>");
}
