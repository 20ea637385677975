using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Service.Tests.Namespaces;

/// <summary>
/// A few cells of the matrix of a change of direction, so that the gate notices when it breaks. The whole of it is
/// <c>dotnet run --project tests/ScanEngineAdmin.Faults -- direction</c>.
/// </summary>
public sealed class DirectionMatrixTests
{
    private static readonly string[] Cells =
    [
        "standard none scan",
        "standard kill-console@Decided scan",
        "standard kill-engine@Doubt idle",
        "reverse none scan",
        "reverse kill-console@Proving scan",
        "reverse kill-engine@Concluded idle",
    ];

    // A cell says nothing before it is over.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(8);

    [Fact, NeedsNamespace]
    public async Task Both_ends_agree_whatever_is_killed_and_no_scan_is_lost_or_doubled()
    {
        string program = Path.Combine(AppContext.BaseDirectory, "ScanEngineAdmin.Faults.dll");
        string[] filters = [.. Cells.SelectMany(cell => new[] { "--filter", cell })];
        await using HostProcess matrix = HostProcess.StartAssembly(program, ["direction", .. filters]);

        string closing = await matrix.LineAsync(
            line => line.StartsWith("DIRECTION ", StringComparison.Ordinal), Patience);

        Assert.True(
            closing == $"DIRECTION cells={Cells.Length} new=5 old=1 split=0 lost=0 doubled=0 PASS", matrix.Output);
        Assert.Equal(0, await matrix.EndAsync());
    }
}
