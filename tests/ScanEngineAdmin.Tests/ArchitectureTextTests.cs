using System.Text.RegularExpressions;

namespace ScanEngineAdmin.Tests;

/// <summary>docs/architecture.md leads from file to file: none of them may have moved away.</summary>
public sealed partial class ArchitectureTextTests
{
    [Fact]
    public void Every_file_that_the_architecture_names_is_there()
    {
        string text = File.ReadAllText(Path.Combine(Checkout.Root, "docs", "architecture.md"));
        string[] named = [.. SourceFile().Matches(text).Select(found => found.Value).Distinct()];

        Assert.True(named.Length > 20);
        Assert.All(named, file => Assert.True(File.Exists(Path.Combine(Checkout.Root, file)), file));
    }

    [GeneratedRegex(@"src/[\w./]+\.cs")]
    private static partial Regex SourceFile();
}
