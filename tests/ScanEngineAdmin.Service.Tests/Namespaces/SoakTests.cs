using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Service.Tests.Namespaces;

/// <summary>
/// A short soak with faults that are always the same, so that the gate notices when it breaks. A long one is
/// <c>dotnet run --project tests/ScanEngineAdmin.Faults -- soak --seconds 1800</c>.
/// </summary>
public sealed class SoakTests
{
    // It says nothing while it waits for everything to settle, for five minutes at most, and then for leaks to go.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(8);

    [Fact, NeedsNamespace("tc")]
    public async Task Nothing_is_lost_doubled_or_leaked_whatever_happens_to_links_and_processes()
    {
        string program = Path.Combine(AppContext.BaseDirectory, "ScanEngineAdmin.Faults.dll");
        await using HostProcess soak = HostProcess.StartAssembly(
            program, "soak", "--seconds", "20", "--engines", "3", "--seed", "1");

        string closing = await soak.LineAsync(line => line.StartsWith("SOAK ", StringComparison.Ordinal), Patience);

        Assert.True(closing.EndsWith(" lost=0 doubled=0 leaked=0 PASS", StringComparison.Ordinal), soak.Output);
        Assert.Equal(0, await soak.EndAsync());
    }
}
