using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Storage;
using ScanEngineAdmin.Storage.Sqlite;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Scans;

/// <summary>The store of an engine without the rest of an engine, and consoles that are paired with it.</summary>
internal sealed class EngineStoreHost : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public EngineStoreHost(StoreOptions? options = null) =>
        Store = new SqliteStoreProvider(options ?? new StoreOptions()).OpenEngine(_folder.Path);

    public IEngineStore Store { get; }

    public Guid Pair()
    {
        var pairing = Guid.NewGuid();
        Store.AddConsole(new ConsoleRecord
        {
            PairingId = pairing,
            ConsoleId = Guid.NewGuid(),
            State = ConsoleState.Paired,
            Direction = CommunicationDirection.ConsoleToEngine,
            FirstSeen = DateTimeOffset.UnixEpoch,
        });
        return pairing;
    }

    /// <summary>At one port in a second and a hundred of them it lasts as long as the test.</summary>
    public static ScanStart Lasting(Guid scan, int attempt, long from = 0) => new()
    {
        ScanId = scan,
        Attempt = attempt,
        Targets = ["127.0.0.1"],
        Ports = "2001-2100",
        TimeoutMs = 1000,
        Parallelism = 1,
        MaxRate = 1,
        BannerTimeoutMs = 300,
        FromUnit = from,
    };

    public void Dispose()
    {
        Store.Dispose();
        _folder.Dispose();
    }
}
