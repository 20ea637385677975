using System.Diagnostics;
using System.Text.RegularExpressions;

namespace ScanEngineAdmin.Tests;

/// <summary>The units that docs/operations.md shows are what systemd takes.</summary>
public sealed partial class UnitFileTests
{
    private const string Analyze = "/usr/bin/systemd-analyze";

    [Fact]
    public async Task Systemd_finds_nothing_to_say_about_the_units_of_the_manual()
    {
        Assert.SkipUnless(File.Exists(Analyze), "systemd-analyze is not installed");
        string text = await File.ReadAllTextAsync(Path.Combine(Checkout.Root, "docs", "operations.md"));
        string[] units = [.. Block().Matches(text).Select(static m => m.Groups[1].Value)
            .Where(static block => block.Contains("[Service]", StringComparison.Ordinal))];
        Assert.NotEmpty(units);
        string folder = Directory.CreateTempSubdirectory("sea-units-").FullName;
        try
        {
            for (int i = 0; i < units.Length; i++)
            {
                // The programs are not installed where this runs.
                string file = Path.Combine(folder, $"sea-unit-{i}.service");
                await File.WriteAllTextAsync(file, Program().Replace(units[i], "$1/bin/true"));
                var start = new ProcessStartInfo(Analyze, ["verify", "--man=no", file])
                {
                    RedirectStandardOutput = true,
                    RedirectStandardError = true,
                };
                using Process process = Process.Start(start)!;
                Task<string> output = process.StandardOutput.ReadToEndAsync();
                string said = await process.StandardError.ReadToEndAsync() + await output;
                await process.WaitForExitAsync();

                Assert.DoesNotContain(said.Split('\n'), line => line.Contains("sea-unit-", StringComparison.Ordinal));
                Assert.True(process.ExitCode == 0, said);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [GeneratedRegex("```ini\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex("^(Exec\\w+=\\+?).*$", RegexOptions.Multiline)]
    private static partial Regex Program();
}
