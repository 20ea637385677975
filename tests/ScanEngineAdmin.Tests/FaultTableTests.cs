using System.Text.RegularExpressions;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Tests;

/// <summary>docs/faults.md is what the code says.</summary>
public sealed class FaultTableTests
{
    private static readonly (string Code, string Category)[] Rows =
        [.. Regex.Matches(
            File.ReadAllText(Path.Combine(Checkout.Root, "docs", "faults.md")), @"^\| `(\w+)` \| (\w+) \| .+ \| .+ \|$",
            RegexOptions.Multiline).Select(row => (row.Groups[1].Value, row.Groups[2].Value))];

    [Fact]
    public void Every_error_id_is_in_the_table_once_with_its_category() => Assert.Equal(
        Enum.GetValues<FaultCode>().Select(code => ($"{code}", $"{FaultCategories.Of(code)}")).Order(), Rows.Order());
}
