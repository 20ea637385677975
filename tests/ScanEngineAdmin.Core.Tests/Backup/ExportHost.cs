using System.Text;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Backup;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Storage;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Backup;

/// <summary>A console's data with something in it, and an export of it.</summary>
internal sealed class ExportHost : IDisposable
{
    public static readonly byte[] Passphrase = Encoding.UTF8.GetBytes("correct horse battery");

    private readonly TemporaryFolder _folder = new();

    public ExportHost()
    {
        Source = DataFolder.Resolve(_folder.Below("source"));
        Target = DataFolder.Resolve(_folder.Below("target"));
        Console = ConsoleAdmin.Open(Source, Stores);
        (Guid id, NodeIdentity identity) = IdentityFile.LoadOrCreate(Source.Console, TimeProvider.System);
        using (identity)
        {
            (ConsoleId, Fingerprint) = (id, identity.Fingerprint);
        }

        Console.RegisterEngine("lab-1", "192.0.2.1", 40814, null);
    }

    public SqliteStoreProvider Stores { get; } = new();

    public DataFolder Source { get; }

    public DataFolder Target { get; }

    public ConsoleAdmin Console { get; }

    public Guid ConsoleId { get; }

    public Fingerprint Fingerprint { get; }

    public string File => _folder.Below("console.export");

    public string Below(string name) => _folder.Below(name);

    public Task<ConsoleExport> ExportAsync(bool withoutIdentity = false, bool force = false) =>
        ConsoleTransfer.ExportAsync(
            Console,
            new ExportRequest(File, Passphrase) { WithoutIdentity = withoutIdentity, Force = force },
            null,
            CancellationToken.None);

    public Task<ConsoleExport> ExportAsync(string path, bool force = false) => ConsoleTransfer.ExportAsync(
        Console, new ExportRequest(path, Passphrase) { Force = force }, null, CancellationToken.None);

    public Task<ConsoleExport> ImportAsync(
        DataFolder? target = null, bool force = false, Action<string>? step = null) =>
        new ConsoleImporter(
            target ?? Target, Stores, new ImportRequest(File, Passphrase, force), _ => { }, TimeProvider.System)
        {
            Step = step ?? (_ => { }),
        }.RunAsync(CancellationToken.None);

    /// <summary>The names of the engines of the console in that folder.</summary>
    public string Engines(DataFolder folder)
    {
        using ConsoleAdmin admin = ConsoleAdmin.Open(folder, Stores);
        return string.Join(' ', admin.Store.ListEngines().Select(engine => engine.Name));
    }

    public static async Task<ScanEngineException> FailsAsync(FaultCode code, Func<Task> work)
    {
        ScanEngineException fault = await Assert.ThrowsAsync<ScanEngineException>(work);
        Assert.Equal(code, fault.Code);
        Assert.NotEmpty(fault.Recommendation);
        Assert.DoesNotContain("battery", fault.ToString(), StringComparison.Ordinal);
        return fault;
    }

    public void Dispose()
    {
        Console.Dispose();
        _folder.Dispose();
    }
}
