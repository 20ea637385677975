using System.Net;
using System.Text;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Applier;
using ScanEngineAdmin.Core.Backup;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Core.Console;
using ScanEngineAdmin.Core.Engine;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Storage;

namespace ScanEngineAdmin.Faults.Local;

/// <summary>Every way in which root opens a data folder; cmdlets and completion open it as these do.</summary>
internal static class FolderOpeners
{
    private static readonly byte[] Passphrase = Encoding.UTF8.GetBytes("correct horse battery");
    private static readonly SqliteStoreProvider Stores = new();
    private static readonly IPEndPoint Anywhere = new(IPAddress.Loopback, 0);

    public static IEnumerable<(string Name, Func<LocalStage, string, Task> Open)> All()
    {
        yield return ("look", (s, _) => Admins(s, console => console.Describe(), engine => engine.Describe()));
        yield return ("secret", (s, _) => Admins(
            s, console => console.CreateSecret(TimeSpan.FromHours(1), null, singleUse: false),
            engine => engine.CreateSecret(TimeSpan.FromHours(1), null, singleUse: false)));
        yield return ("register", (s, _) => Admins(
            s, console => console.RegisterEngine($"lab-{Guid.NewGuid():N}"[..20], "192.0.2.1", 40814, null),
            engine => engine.Store.ListConsoles()));
        yield return ("certificate", (s, _) => Admins(
            s, console => new RotationFiles(console.Folder.Console, TimeProvider.System).Prepare(),
            engine => new RotationFiles(engine.Folder.Engine, TimeProvider.System).Prepare()));
        yield return ("ring", async (s, _) =>
        {
            await Doorbell.RingAsync(s.Console, CancellationToken.None);
            await Doorbell.RingAsync(s.Engine, CancellationToken.None);
        }
        );
        yield return ("export", ExportAsync);
        yield return ("export to him", ExportToHimAsync);
        yield return ("import from him", async (s, _) => await ConsoleTransfer.DescribeAsync(
            Path.Combine(s.OutputFolder, "made.sea"), CancellationToken.None));
        yield return ("log", async (s, _) =>
        {
            await using LogFile log = LogFile.Open(Path.Combine(s.OutputFolder, "node.log"), "--log");
            log.Write(new LogEntry(DateTimeOffset.UnixEpoch, LogLevel.Information, "Event", "text", new Dictionary<string, string>()));
        }
        );
        yield return ("credential", (s, _) =>
        {
            NodeProxy.Read(name => name == NodeProxy.Variable ? "proxy:3128"
                : name == NodeProxy.CredentialVariable ? Path.Combine(s.OutputFolder, "words") : null);
            return Task.CompletedTask;
        }
        );
        yield return ("import", async (s, export) => await ConsoleTransfer.ImportAsync(
            DataFolder.Resolve(s.Data), Stores, new ImportRequest(export, Passphrase, Force: true), null,
            CancellationToken.None));
        yield return ("applier", (s, _) => ApplierAsync(s));
        yield return ("console", async (s, _) => await (await ConsoleNode.StartAsync(
            DataFolder.Resolve(s.Data), Stores, new ConsoleNodeOptions { Listen = Anywhere }, _ => { },
            CancellationToken.None)).DisposeAsync());
        yield return ("engine", async (s, _) => await (await EngineNode.StartAsync(
            DataFolder.Resolve(s.Data), Stores, new EngineNodeOptions { Listen = Anywhere }, _ => { },
            CancellationToken.None)).DisposeAsync());
    }

    /// <summary>An export of a console of root's own.</summary>
    public static async Task<string> MakeExportAsync(string folder)
    {
        string export = Path.Combine(folder, "console.export");
        using ConsoleAdmin console = ConsoleAdmin.Open(DataFolder.Resolve(Path.Combine(folder, "source")), Stores);
        console.CreateSecret(TimeSpan.FromHours(1), null, singleUse: false);
        await ConsoleTransfer.ExportAsync(
            console, new ExportRequest(export, Passphrase), null, CancellationToken.None);
        return export;
    }

    private static Task Admins(LocalStage stage, Action<ConsoleAdmin> console, Action<EngineAdmin> engine)
    {
        var folder = DataFolder.Resolve(stage.Data);
        try
        {
            using ConsoleAdmin admin = ConsoleAdmin.Open(folder, Stores);
            console(admin);
        }
        finally
        {
            using EngineAdmin admin = EngineAdmin.Open(folder, Stores);
            engine(admin);
        }

        return Task.CompletedTask;
    }

    private static async Task ExportAsync(LocalStage stage, string export)
    {
        using ConsoleAdmin console = ConsoleAdmin.Open(DataFolder.Resolve(stage.Data), Stores);
        await ConsoleTransfer.ExportAsync(
            console, new ExportRequest(export + ".again", Passphrase) { Force = true }, null, CancellationToken.None);
    }

    /// <summary>Root's own console, into a folder of the attacker's, over what is there.</summary>
    private static async Task ExportToHimAsync(LocalStage stage, string export)
    {
        using ConsoleAdmin console = ConsoleAdmin.Open(
            DataFolder.Resolve(Path.Combine(Path.GetDirectoryName(export)!, "source")), Stores);
        await ConsoleTransfer.ExportAsync(
            console,
            new ExportRequest(Path.Combine(stage.OutputFolder, "console.sea"), Passphrase) { Force = true },
            null,
            CancellationToken.None);
    }

    private static async Task ApplierAsync(LocalStage stage)
    {
        foreach (NodeRole role in Enum.GetValues<NodeRole>())
        {
            await using FirewallApplierService service = await FirewallApplierService.StartAsync(
                DataFolder.Resolve(stage.Data), role, Stores,
                new FirewallApplierOptions { StateFolder = stage.State }, _ => { }, CancellationToken.None);
        }
    }
}
