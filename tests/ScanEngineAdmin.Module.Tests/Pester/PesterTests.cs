namespace ScanEngineAdmin.Module.Tests.Pester;

/// <summary>Every Pester suite, with every version of Pester, in an official PowerShell of its own.</summary>
public sealed class PesterTests(ITestOutputHelper output) : IClassFixture<PesterTurn>
{
    private static readonly string Suites = Path.Combine(TestMachine.Checkout, "tests", "Pester");

    // Examples for users are suites as well: they pass as they stand.
    private static readonly string Examples = Path.Combine(TestMachine.Checkout, "docs", "pester");

    // Long ones in which nothing depends on the version of Pester: a copy of the checkout that is built, scripts of docs,
    // and what a script did in a namespace.
    private static readonly string[] AnyPester = ["Applier", "Dsc", "FirewallRules", "Readme", "Runbooks"];

    // Where .ci/run adds up the tests one by one.
    private static readonly string Results = Path.Combine(TestMachine.Checkout, "artifacts", "pester");

    public static TheoryData<string, string> SuitesAndVersions()
    {
        var data = new TheoryData<string, string>();
        string[] suites = Directory.GetFiles(Suites, "*.Tests.ps1").Concat(Directory.GetFiles(Examples, "*.Tests.ps1"))
            .Select(file => Path.GetFileName(file)[..^10]).Order(StringComparer.Ordinal).ToArray();
        foreach (string version in TestMachine.PesterVersions)
        {
            foreach (string suite in suites.Where(
                one => !AnyPester.Contains(one) || version == TestMachine.PesterVersions[^1]))
            {
                data.Add(suite, version);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(SuitesAndVersions))]
    public async Task Suite_passes_in_the_official_PowerShell(string suite, string pester)
    {
        Directory.CreateDirectory(Results);
        string file = Path.Combine(Results, $"{suite}-{pester}.xml");
        File.Delete(file);
        (int exitCode, string text) = await PwshProcess.RunAsync(
            Path.Combine(Suites, "Invoke-Suite.ps1"),
            "-Path", Path.Combine(
                File.Exists(Path.Combine(Suites, suite + ".Tests.ps1")) ? Suites : Examples, suite + ".Tests.ps1"),
            "-Pester", TestMachine.PesterManifest(pester),
            "-ResultPath", file);
        PesterResult? result = PesterResult.Read(file);
        output.WriteLine($"{suite}, Pester {pester}: {result}");
        foreach (string test in result?.NotRun ?? [])
        {
            output.WriteLine("NOT RUN: " + test);
        }

        Assert.True(
            result is { Failures.Count: 0 } && exitCode == 0,
            $"{suite}, Pester {pester}: {result?.ToString() ?? "no results"}, exit code {exitCode}.\n"
            + string.Join("\n\n", result?.Failures ?? []) + "\n\n" + text);
    }
}
