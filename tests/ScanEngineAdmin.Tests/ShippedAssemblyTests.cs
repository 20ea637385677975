using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text.RegularExpressions;

namespace ScanEngineAdmin.Tests;

/// <summary>The keys and the TLS without secrecy that tests have under Wine are in nothing that is shipped.</summary>
public sealed partial class ShippedAssemblyTests
{
    [Fact]
    public void No_shipped_assembly_has_a_type_of_the_test_only_cryptography()
    {
        HashSet<string> forbidden = [.. Directory
            .EnumerateFiles(Path.Combine(Checkout.Root, "tests", "Windows", "Cryptography"), "*.cs")
            .SelectMany(file => Declaration().Matches(File.ReadAllText(file)))
            .Select(static match => match.Groups[1].Value)];
        string[] shipped = [.. Directory.EnumerateDirectories(Path.Combine(Checkout.Root, "src"))
            .Select(static project => Checkout.Assembly(Path.GetFileName(project))).Where(File.Exists)];

        Assert.Superset(new HashSet<string> { "SslStream", "ECDsa", "X509Certificate2", "TlsRecords" }, forbidden);
        Assert.Contains(shipped, static path => Path.GetFileName(path) == "ScanEngineAdmin.Channel.dll");
        Assert.DoesNotContain(shipped.SelectMany(Types), forbidden.Contains);
    }

    // Not through a link out of the checkout, as Wine's folder of drives has while it runs.
    private static EnumerationOptions Inside { get; } =
        new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };

    [Fact]
    public void No_project_names_the_test_only_cryptography() => Assert.DoesNotContain(
        Directory.EnumerateFiles(Checkout.Root, "*.*proj", Inside)
            .Concat(Directory.EnumerateFiles(Checkout.Root, "Directory.*"))
            .Append(Path.Combine(Checkout.Root, "build.ps1")),
        static file => File.ReadAllText(file).Contains("Cryptography", StringComparison.OrdinalIgnoreCase));

    private static IEnumerable<string> Types(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        MetadataReader reader = file.GetMetadataReader();
        return [.. reader.TypeDefinitions.Select(reader.GetTypeDefinition)
            .Where(type => reader.GetString(type.Namespace) == "ScanEngineAdmin")
            .Select(type => reader.GetString(type.Name))];
    }

    [GeneratedRegex(@"^(?:public|internal) [\w ]*?(?:class|struct|delegate [\w<>]+) (\w+)", RegexOptions.Multiline)]
    private static partial Regex Declaration();
}
