using System.Collections.Concurrent;
using System.Globalization;

namespace ScanEngineAdmin.Module.Tests.Pester;

/// <summary>
/// Every Pester suite, with every version of Pester, in an official PowerShell of its own. Several run side by side, as a
/// suite waits most of its time.
/// </summary>
[TestCaseOrderer(typeof(LongestFirst))]
public sealed class PesterTests(ITestOutputHelper output) : IClassFixture<PesterTurn>
{
    /// <summary>How many suites run at once.</summary>
    internal const int AtOnce = 4;

    private static readonly string Suites = Path.Combine(TestMachine.Checkout, "tests", "Pester");

    // Examples for users are suites as well: they pass as they stand.
    private static readonly string Examples = Path.Combine(TestMachine.Checkout, "docs", "pester");

    // Where .ci/run adds up the tests one by one.
    private static readonly string Results = Path.Combine(TestMachine.Checkout, "artifacts", "pester");

    // Builds and packs into the checkout's own folder, where the others read: it runs alone.
    private const string Packing = "Package";
    private static readonly SemaphoreSlim PackingTurn = new(1);
    private static readonly SemaphoreSlim Turns = new(AtOnce);

    // Suites that run at the same time have different numbers, and with them different ports (Common.ps1).
    private static readonly ConcurrentBag<int> Places = [.. Enumerable.Range(0, AtOnce)];

    public static TheoryData<string, string> SuitesAndVersions()
    {
        var data = new TheoryData<string, string>();
        foreach (string file in Directory.GetFiles(Suites, "*.Tests.ps1")
            .Concat(Directory.GetFiles(Examples, "*.Tests.ps1")).OrderBy(Path.GetFileName, StringComparer.Ordinal))
        {
            foreach (string version in TestMachine.PesterVersions)
            {
                data.Add(Path.GetFileName(file)[..^10], version);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(SuitesAndVersions))]
    public async Task Suite_passes_in_the_official_PowerShell(string suite, string pester)
    {
        (PesterResult? result, int exitCode, string text) = await (suite == Packing
            ? RunAloneAsync(suite, pester)
            : RunAsync(suite, pester, turns: 1));
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

    private static async Task<(PesterResult? Result, int ExitCode, string Text)> RunAloneAsync(string suite, string pester)
    {
        await PackingTurn.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            return await RunAsync(suite, pester, AtOnce);
        }
        finally
        {
            PackingTurn.Release();
        }
    }

    private static async Task<(PesterResult? Result, int ExitCode, string Text)> RunAsync(
        string suite, string pester, int turns)
    {
        int taken = 0;
        try
        {
            for (; taken < turns; taken++)
            {
                await Turns.WaitAsync(TestContext.Current.CancellationToken);
            }

            return await RunNowAsync(suite, pester);
        }
        finally
        {
            if (taken > 0)
            {
                Turns.Release(taken);
            }
        }
    }

    private static async Task<(PesterResult? Result, int ExitCode, string Text)> RunNowAsync(string suite, string pester)
    {
        Directory.CreateDirectory(Results);
        string file = Path.Combine(Results, $"{suite}-{pester}.xml");
        File.Delete(file);
        string own = Path.Combine(Suites, suite + ".Tests.ps1");
        Assert.True(Places.TryTake(out int place), $"More than {AtOnce} suites run at once.");
        try
        {
            (int exitCode, string text) = await PwshProcess.RunAsync(
                Path.Combine(Suites, "Invoke-Suite.ps1"),
                "-Path", File.Exists(own) ? own : Path.Combine(Examples, suite + ".Tests.ps1"),
                "-Pester", TestMachine.PesterManifest(pester),
                "-ResultPath", file,
                "-Place", place.ToString(CultureInfo.InvariantCulture));
            return (PesterResult.Read(file), exitCode, text);
        }
        finally
        {
            Places.Add(place);
        }
    }
}
