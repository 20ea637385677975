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

    [Theory]
    [InlineData("ScanEngineAdmin")]
    [InlineData("ScanEngineAdmin.Core")]
    public void Every_folder_of_the_code_is_in_the_picture(string project)
    {
        string text = File.ReadAllText(Path.Combine(Checkout.Root, "docs", "architecture.md"));
        string[] folders = [.. Directory.GetDirectories(Path.Combine(Checkout.Root, "src", project))
            .Select(static folder => Path.GetFileName(folder)).Where(static name => name is not ("bin" or "obj"))];

        Assert.NotEmpty(folders);
        Assert.All(folders, folder => Assert.Matches($@"\b{folder}\b", text));
    }

    [GeneratedRegex(@"src/[\w./]+\.cs")]
    private static partial Regex SourceFile();
}
