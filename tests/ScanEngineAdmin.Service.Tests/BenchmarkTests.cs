using System.Text.Json;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Service.Tests;

/// <summary>
/// The benchmarks run, with little of everything: that the product is fast enough is not for a gate to say. All of them
/// are <c>dotnet run -c Release --project tests/ScanEngineAdmin.Benchmarks -- all</c>.
/// </summary>
public sealed class BenchmarkTests
{
    [Fact, Trait("Speed", "Slow")]
    public async Task The_benchmarks_measure_product_and_limit_and_close_with_a_line_each()
    {
        const string Own = "ScanEngineAdmin.Service.Tests";
        string program = Path.Combine(
            AppContext.BaseDirectory.Replace(Own, "ScanEngineAdmin.Benchmarks", StringComparison.Ordinal),
            "ScanEngineAdmin.Benchmarks.dll");
        using var folder = new TemporaryFolder();
        string figures = folder.Below("figures.json");
        string picture = folder.Below("picture.svg");
        await using HostProcess run = HostProcess.StartAssembly(
            program, "B1", "B3", "B8", "B9", "B12", "--quick", "--json", figures, "--plot", picture);

        Assert.True(await run.EndAsync() == 0, run.Output + run.Error);

        foreach (string name in new[] { "B1", "B3", "B8", "B9", "B12" })
        {
            Assert.Matches($"(?m)^{name} (ratio|figure)=[0-9].* target[<>]=.* (PASS|FAIL) ", run.Output);
        }

        using JsonDocument written = JsonDocument.Parse(await File.ReadAllTextAsync(figures));
        Assert.NotEmpty(written.RootElement.GetProperty("figures").EnumerateArray());
        Assert.Contains("<svg", await File.ReadAllTextAsync(picture), StringComparison.Ordinal);
    }
}
