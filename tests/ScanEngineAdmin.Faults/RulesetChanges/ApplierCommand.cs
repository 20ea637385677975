using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Applier;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Storage;

namespace ScanEngineAdmin.Faults.RulesetChanges;

/// <summary><c>applier Console|Engine FOLDER STATE</c>: a node's firewall applier as a process, until it is
/// killed.</summary>
internal sealed class ApplierCommand : IFaultCommand
{
    public string Name => "applier";

    public string Purpose => string.Empty;

    public async Task<int> RunAsync(IReadOnlyList<string> args)
    {
        using TextWriter output = TextWriter.Synchronized(Console.Out);
        await using FirewallApplierService applier = await FirewallApplierService.StartAsync(
            DataFolder.Resolve(args[1]), Enum.Parse<NodeRole>(args[0]), new SqliteStoreProvider(),
            new FirewallApplierOptions
            {
                StateFolder = args[2],
                StoreCheck = TimeSpan.FromMilliseconds(200),
                Retry = TimeSpan.FromSeconds(2),
            },
            entry => output.WriteLine($"{entry.Time:HH:mm:ss.fff} {entry.Event}: {entry.Message}"),
            CancellationToken.None);
        output.WriteLine("READY");
        await applier.Completion;
        return Program.Passed;
    }
}
