using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Storage.Tests;

public sealed class ConsoleEngineTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly IConsoleStore _store;

    public ConsoleEngineTests() => _store = _folder.Console();

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void An_engine_comes_back_as_it_was_stored_with_every_property_set()
    {
        EngineRecord engine = Make.Engine() with
        {
            Address = "2001:db8::1",
            Port = 4711,
            Direction = CommunicationDirection.EngineToConsole,
            Epoch = 5_000_000_000,
            Pins = [Make.Pin('a'), Make.Pin('b')],
            ObservedFingerprint = Make.Pin('c'),
            ApprovedByEngine = true,
            ObservedAddress = "192.0.2.7",
            Status = CommunicationStatus.Active,
            StatusDetail = "fine",
            LastContact = Make.Now.AddTicks(1),
            NextExpected = Make.Now.AddTicks(2),
            Version = "1.2.3",
            ProposedDirection = CommunicationDirection.ConsoleToEngine,
            ReportedDirection = CommunicationDirection.EngineToConsole,
            ReportedEpoch = 5_000_000_001,
            ReportedChangeId = Guid.NewGuid(),
            AllowFrom = "10.7.0.0/16, 192.0.2.9",
        };
        _store.AddEngine(engine);

        AssertSame(engine, _store.GetEngine(engine.PairingId));
        using IConsoleStore other = _folder.Console();
        AssertSame(engine, Assert.Single(other.ListEngines()));
    }

    [Fact]
    public void An_engine_is_found_by_its_name_without_case_and_by_the_beginning_of_its_name()
    {
        foreach (string name in new[] { "lab-2", "LAB-1", "lab", "la_b", "other", "Ärmel" })
        {
            _store.AddEngine(Make.Engine(name));
        }

        Assert.Equal("LAB-1", _store.FindEngine("lab-1")?.Name);
        Assert.Equal("Ärmel", _store.FindEngine("äRMEL")?.Name);
        Assert.Null(_store.FindEngine("lab-"));
        Assert.Null(_store.FindEngine("lab*"));
        Assert.Equal(["lab", "LAB-1", "lab-2"], _store.ListEngines("Lab", 9).Select(engine => engine.Name));
        Assert.Equal(["lab", "LAB-1"], _store.ListEngines("Lab", 2).Select(engine => engine.Name));
        Assert.Empty(_store.ListEngines("l%", 9));
        Assert.Equal(6, _store.ListEngines(string.Empty, 9).Count);
    }

    [Fact]
    public void An_engine_is_found_by_its_own_id_and_keys_and_by_no_other()
    {
        EngineRecord engine = Make.Engine() with { Pins = [Make.Pin('1'), Make.Pin('2')] };
        _store.AddEngine(engine);
        _store.AddEngine(Make.Engine("second") with { EngineId = null });
        AssertSame(engine, _store.FindEngine(engine.EngineId!.Value));
        Assert.All(engine.Pins, pin => AssertSame(engine, _store.FindEngine(pin)));
        Assert.Null(_store.FindEngine(Make.Pin('0')));
        Assert.Null(_store.FindEngine(engine.PairingId));
    }

    [Fact]
    public void An_engine_comes_back_as_it_was_stored_with_nothing_optional_set()
    {
        EngineRecord engine = Make.Engine() with { EngineId = null };
        _store.AddEngine(engine);
        _store.AddEngine(Make.Engine("second") with { EngineId = null });
        AssertSame(engine, _store.GetEngine(engine.PairingId));
        Assert.Null(_store.GetEngine(Guid.NewGuid()));
    }

    [Theory]
    [InlineData("lab", "LAB")]
    [InlineData("Zürich", "ZÜRICH")]
    public void A_name_is_taken_whatever_its_case_and_state(string name, string again)
    {
        _store.AddEngine(Make.Engine(name, EngineState.Pending));
        EngineRecord other = Make.Engine("other");
        _store.AddEngine(other);

        ScanEngineException e = TestFolder.Fails(
            FaultCode.EngineNameInUse, () => _store.AddEngine(Make.Engine(again)));
        Assert.Equal(again, e.Target);
        TestFolder.Fails(
            FaultCode.EngineNameInUse, () => _store.UpdateEngine(other.PairingId, was => was with { Name = again }));
        Assert.Equal("other", _store.GetEngine(other.PairingId)!.Name);
    }

    [Fact]
    public void An_engine_may_change_the_case_of_its_own_name()
    {
        EngineRecord engine = Make.Engine();
        _store.AddEngine(engine);
        Assert.Equal("LAB", _store.UpdateEngine(engine.PairingId, was => was with { Name = "LAB" })!.Name);
        Assert.Equal("LAB", _store.GetEngine(engine.PairingId)!.Name);
    }

    [Fact]
    public void An_engine_id_or_a_pairing_cannot_be_taken_twice()
    {
        EngineRecord engine = Make.Engine();
        EngineRecord other = Make.Engine("other");
        _store.AddEngine(engine);
        _store.AddEngine(other);
        TestFolder.Fails(
            FaultCode.IdentityConflict, () => _store.AddEngine(Make.Engine("new") with { EngineId = engine.EngineId }));
        TestFolder.Fails(
            FaultCode.IdentityConflict,
            () => _store.UpdateEngine(other.PairingId, was => was with { EngineId = engine.EngineId }));
        TestFolder.Fails(
            FaultCode.IdentityConflict,
            () => _store.AddEngine(Make.Engine("new") with { PairingId = engine.PairingId }));
    }

    [Fact]
    public void A_change_that_throws_leaves_the_engine_and_the_store_as_they_were()
    {
        EngineRecord engine = Make.Engine();
        _store.AddEngine(engine);
        Assert.Throws<TimeoutException>(() => _store.UpdateEngine(engine.PairingId, _ => throw new TimeoutException()));
        AssertSame(engine, _store.GetEngine(engine.PairingId));

        using IConsoleStore other = _folder.Console();
        Assert.NotNull(other.UpdateEngine(engine.PairingId, was => was with { Epoch = 1 }));
        Assert.Null(_store.UpdateEngine(Guid.NewGuid(), was => was));
    }

    [Fact]
    public void A_change_that_writes_to_the_store_itself_is_refused_instead_of_hanging()
    {
        EngineRecord engine = Make.Engine();
        _store.AddEngine(engine);
        Assert.Throws<InvalidOperationException>(() => _store.UpdateEngine(engine.PairingId, was =>
        {
            _store.SetSetting("a", "b");
            return was;
        }));
        Assert.Null(_store.GetSetting("a"));
    }

    [Fact]
    public void Contacts_of_many_engines_are_saved_and_keep_what_they_do_not_tell()
    {
        EngineRecord first = Make.Engine("a") with { Version = "1.0", LastContact = Make.Now };
        EngineRecord second = Make.Engine("b");
        _store.AddEngine(first);
        _store.AddEngine(second);
        _store.SaveContacts(
        [
            new(first.PairingId, CommunicationStatus.NotResponding, "timed out", null, null),
            new(Guid.NewGuid(), CommunicationStatus.Active, "gone", Make.Now, null),
            new(second.PairingId, CommunicationStatus.Active, "", Make.Now, Make.Now.AddMinutes(5), "192.0.2.1", "2.0"),
        ]);

        AssertSame(
            first with { Status = CommunicationStatus.NotResponding, StatusDetail = "timed out" },
            _store.GetEngine(first.PairingId));
        AssertSame(
            second with
            {
                Status = CommunicationStatus.Active,
                LastContact = Make.Now,
                NextExpected = Make.Now.AddMinutes(5),
                ObservedAddress = "192.0.2.1",
                Version = "2.0",
            },
            _store.GetEngine(second.PairingId));
        Assert.Equal(2, _store.ListEngines().Count);
    }

    [Fact]
    public void Pending_engines_are_capped_per_address_and_in_all_and_the_newest_win()
    {
        EngineRecord paired = Make.Engine("paired") with { ObservedAddress = "192.0.2.1" };
        EngineRecord registered = Make.Engine("asked", EngineState.Registered) with { ObservedAddress = "192.0.2.1" };
        _store.AddEngine(paired);
        _store.AddEngine(registered);
        for (int i = 0; i < 5; i++)
        {
            // The clock goes backwards: the order of arrival counts.
            AddPending($"one{i}", "192.0.2.1", Make.Now.AddMinutes(-i));
        }

        Assert.Equal(["asked", "one3", "one4", "paired"], Names());
        AddPending("two0", "192.0.2.2", Make.Now);
        AddPending("none", null, Make.Now);
        Assert.Equal(["asked", "none", "one4", "paired", "two0"], Names());

        void AddPending(string name, string? address, DateTimeOffset at) => _store.AddPendingEngine(
            Make.Engine(name, EngineState.Pending) with { ObservedAddress = address, Registered = at }, 2, 3);
    }

    [Fact]
    public void A_pending_engine_that_dials_again_takes_its_own_place_and_never_that_of_a_confirmed_one()
    {
        EngineRecord first = Make.Engine("a", EngineState.Pending);
        _store.AddPendingEngine(first, 5, 5);
        _store.AddPendingEngine(first with { PairingId = Guid.NewGuid(), Name = "b" }, 5, 5);
        Assert.Equal(["b"], Names());

        EngineRecord paired = Make.Engine("c");
        _store.AddEngine(paired);
        TestFolder.Fails(FaultCode.IdentityConflict, () => _store.AddPendingEngine(
            Make.Engine("d", EngineState.Pending) with { EngineId = paired.EngineId }, 5, 5));
        Assert.Equal(["b", "c"], Names());
    }

    [Fact]
    public void A_pending_engine_that_has_to_go_takes_what_belongs_to_it_along()
    {
        EngineRecord oldest = Make.Engine("a", EngineState.Pending);
        _store.AddPendingEngine(oldest, 1, 1);
        _store.AddScan(Make.Scan(oldest.PairingId));
        _store.AddChange(Make.Change(oldest.PairingId));
        _store.AddPendingEngine(Make.Engine("b", EngineState.Pending), 1, 1);
        Assert.Equal(["b"], Names());
        Assert.Empty(_store.ListScans());
        Assert.Empty(_store.ListChanges());
    }

    [Fact]
    public void Removing_an_engine_takes_its_scans_findings_and_changes_and_nobody_elses()
    {
        EngineRecord gone = Make.Engine("gone");
        EngineRecord stays = Make.Engine("stays");
        ScanRecord[] scans = [Make.Scan(gone.PairingId), Make.Scan(stays.PairingId)];
        _store.AddEngine(gone);
        _store.AddEngine(stays);
        foreach (ScanRecord scan in scans)
        {
            _store.AddScan(scan);
            _store.SaveBatch(scan.PairingId, scan.ScanId, 1, Make.Batch(1, Make.Finding(0)), Make.Now);
            _store.AddChange(Make.Change(scan.PairingId));
        }

        Assert.True(_store.RemoveEngine(gone.PairingId));
        Assert.False(_store.RemoveEngine(gone.PairingId));
        Assert.Equal(scans[1].ScanId, Assert.Single(_store.ListScans()).ScanId);
        Assert.Equal(stays.PairingId, Assert.Single(_store.ListChanges()).PairingId);
        Assert.Equal(1, _folder.Count("findings"));
        Assert.Single(_store.ReadFindings(scans[1].ScanId));
    }

    private string[] Names() => [.. _store.ListEngines().Select(engine => engine.Name)];

    private static void AssertSame(EngineRecord expected, EngineRecord? actual)
    {
        Assert.NotNull(actual);
        Assert.Equal(expected.Pins, actual.Pins);
        Assert.Equal(expected, actual with { Pins = expected.Pins });
    }
}
