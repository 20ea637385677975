using ScanEngineAdmin.Faults.Diagnose;
using ScanEngineAdmin.Faults.Lab;

namespace ScanEngineAdmin.Faults;

/// <summary>
/// Breaks links, filters and processes for real and looks at what the product does. Each command prints what it found
/// and ends with one line that says PASS or FAIL. Exit codes: 0 pass, 1 fail, 2 usage, 77 cannot run here.
/// </summary>
internal static class Program
{
    public const int Passed = 0;
    public const int Failed = 1;
    public const int Usage = 2;
    public const int CannotRun = 77;

    internal static async Task<int> Main(string[] args)
    {
        switch (args)
        {
            case ["diagnose", ..]:
                return await Inside.RunAsync(args, ["nft"], () => DiagnoseCommand.RunAsync(args[1..]));
            case [Agent.Command, var role, var folder]:
                return await Agent.RunAsync(role, folder);
            default:
                await Console.Error.WriteLineAsync(
                    "Usage: dotnet run --project tests/ScanEngineAdmin.Faults -- diagnose [parts of cases' names]");
                return Usage;
        }
    }
}
