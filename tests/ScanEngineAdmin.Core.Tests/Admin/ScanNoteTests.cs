using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Tests.Nodes;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Core.Tests.Admin;

/// <summary>What an admin does to a scan and the audit event of it are one: a kill between can lose neither.</summary>
public sealed class ScanNoteTests : IDisposable
{
    private readonly AdminHost _host = new();
    private readonly WatchedStores _stores = new();
    private readonly ConsoleAdmin _admin;

    public ScanNoteTests()
    {
        _admin = ConsoleAdmin.Open(_host.Folder, _stores);

        // The process is killed before a second transaction: whatever is not in the first is lost.
        _stores.OnConsole = (member, _) =>
        {
            if (member == nameof(INodeStore.AddEvent))
            {
                throw new TimeoutException("Killed.");
            }
        };
    }

    public void Dispose()
    {
        _admin.Dispose();
        _host.Dispose();
    }

    [Theory, MemberData(nameof(EndToEnd.Ways.Both), MemberType = typeof(EndToEnd.Ways))]
    public void Stopped_resumed_and_removed_are_noted_in_the_transaction_of_the_change(CommunicationDirection way)
    {
        ScanRecord scan = Queue(way);

        _admin.Scans.Stop(scan.ScanId);
        _admin.Scans.Resume(scan.ScanId);
        _admin.Scans.Stop(scan.ScanId);
        _admin.Scans.Remove(scan.ScanId);

        Assert.Equal(
            ["ScanQueued", "ScanStopped", "ScanResumed", "ScanStopped", "ScanRemoved"],
            Events().Select(entry => entry.Event));
        Assert.All(Events(), entry => Assert.StartsWith($"{scan.ScanId:D}", entry.Detail, StringComparison.Ordinal));
    }

    [Fact]
    public void A_stop_that_changes_nothing_is_not_noted()
    {
        ScanRecord scan = Queue(CommunicationDirection.ConsoleToEngine);
        _admin.Scans.Stop(scan.ScanId);

        Assert.Equal(ScanState.Stopped, _admin.Scans.Stop(scan.ScanId).State);

        Assert.Equal(["ScanQueued", "ScanStopped"], Events().Select(entry => entry.Event));
    }

    [Fact]
    public void One_that_is_resumed_while_it_is_removed_stays()
    {
        ScanRecord scan = Queue(CommunicationDirection.EngineToConsole);
        _admin.Scans.Stop(scan.ScanId);
        _stores.OnConsole = (member, _) =>
        {
            if (member == nameof(IConsoleStore.RemoveScan))
            {
                _host.Console.Scans.Resume(scan.ScanId);
            }
        };

        ScanEngineException refused = Assert.Throws<ScanEngineException>(() => _admin.Scans.Remove(scan.ScanId));

        Assert.Equal(FaultCode.ScanNotFinished, refused.Code);
        Assert.Equal(ScanState.Queued, _host.Console.Store.GetScan(scan.ScanId)!.State);
        Assert.DoesNotContain(Events(), entry => entry.Event == "ScanRemoved");
    }

    private ScanRecord Queue(CommunicationDirection way) => _admin.Scans.Add(
        _host.AddPaired("lab", way).PairingId, new ScanRequest { Targets = ["127.0.0.1"], Ports = "1-9" });

    private IEnumerable<AuditEvent> Events() => _host.Console.Store.ListEvents(99).Reverse();
}
