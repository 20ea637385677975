using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Storage.Tests;

public sealed class EngineStoreTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly IEngineStore _store;

    public EngineStoreTests() => _store = _folder.Engine();

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_console_comes_back_as_it_was_stored()
    {
        ConsoleRecord console = Make.Console(ConsoleState.Approved) with
        {
            Name = "main",
            EngineName = "lab",
            Epoch = 9,
            Pins = [Make.Pin('1'), Make.Pin('2')],
            Address = "console.example",
            Port = 1,
            ObservedAddress = "192.0.2.9",
            PollInterval = TimeSpan.FromSeconds(7),
            ChangeId = Guid.NewGuid(),
            ChangeTo = CommunicationDirection.ConsoleToEngine,
            ChangeEpoch = 10,
            ChangeAddress = "192.0.2.10",
            ChangePort = 2,
            ProposedDirection = CommunicationDirection.EngineToConsole,
            LastSeen = Make.Now.AddTicks(1),
            LastPoll = Make.Now.AddTicks(2),
            NextPoll = Make.Now.AddTicks(3),
            ConsecutiveFailures = 4,
            LastError = "refused",
            Connected = true,
        };
        ConsoleRecord bare = Make.Console() with { ConsoleId = null };
        _store.AddConsole(console);
        _store.AddConsole(bare);
        AssertSame(console, _store.GetConsole(console.PairingId));
        AssertSame(bare, _store.GetConsole(bare.PairingId));
        Assert.Equal([console.PairingId, bare.PairingId], _store.ListConsoles().Select(one => one.PairingId));
        Assert.Null(_store.GetConsole(Guid.NewGuid()));
    }

    [Fact]
    public void A_console_takes_the_place_of_former_ones_wholly_or_not_at_all()
    {
        ConsoleRecord former = Make.Console();
        ConsoleRecord other = Make.Console();
        _store.AddConsole(former);
        _store.AddConsole(other);
        ConsoleRecord next = Make.Console() with { ConsoleId = former.ConsoleId };

        Assert.Equal(FaultCode.IdentityConflict, Assert.Throws<ScanEngineException>(() => _store.PutConsole(
            next.PairingId, [former.PairingId], _ => next with { ConsoleId = other.ConsoleId })).Code);
        Assert.Equal(2, _store.ListConsoles().Count);

        AssertSame(next, _store.PutConsole(next.PairingId, [former.PairingId], there =>
        {
            Assert.Null(there);
            return next;
        }));
        Assert.Equal([other.PairingId, next.PairingId], _store.ListConsoles().Select(one => one.PairingId));

        ConsoleRecord renamed = _store.PutConsole(
            next.PairingId, [next.PairingId], there => there! with { Name = "b" });
        AssertSame(next with { Name = "b" }, renamed);
        AssertSame(renamed, _store.GetConsole(next.PairingId));
    }

    [Fact]
    public void A_console_has_one_pairing_here()
    {
        ConsoleRecord console = Make.Console();
        ConsoleRecord other = Make.Console();
        _store.AddConsole(console);
        _store.AddConsole(other);
        TestFolder.Fails(
            FaultCode.IdentityConflict,
            () => _store.AddConsole(Make.Console() with { ConsoleId = console.ConsoleId }));
        TestFolder.Fails(
            FaultCode.IdentityConflict,
            () => _store.AddConsole(Make.Console() with { PairingId = console.PairingId }));
        TestFolder.Fails(FaultCode.IdentityConflict, () => _store.UpdateConsole(
            other.PairingId, was => was with { ConsoleId = console.ConsoleId }));
    }

    [Fact]
    public void Updating_changes_the_fresh_record_and_a_throwing_change_changes_nothing()
    {
        ConsoleRecord console = Make.Console();
        _store.AddConsole(console);
        using IEngineStore other = _folder.Engine();
        Parallel.For(0, 20, i => (i % 2 == 0 ? _store : other).UpdateConsole(
            console.PairingId, was => was with { Epoch = was.Epoch + 1 }));
        Assert.Throws<TimeoutException>(() => _store.UpdateConsole(
            console.PairingId, _ => throw new TimeoutException()));
        AssertSame(console with { Epoch = 20 }, _store.GetConsole(console.PairingId));
        Assert.Null(_store.UpdateConsole(Guid.NewGuid(), was => was));
    }

    [Fact]
    public void Pending_consoles_are_capped_and_the_denied_and_paired_ones_stay()
    {
        ConsoleRecord paired = Make.Console();
        ConsoleRecord denied = Make.Console(ConsoleState.Denied);
        _store.AddConsole(paired with { Name = "paired", ObservedAddress = "a" });
        _store.AddConsole(denied with { Name = "denied", ObservedAddress = "a" });
        for (int i = 0; i < 4; i++)
        {
            AddPending($"a{i}", "a");
        }

        Assert.Equal(["paired", "denied", "a2", "a3"], Names());
        AddPending("b0", "b");
        AddPending("c0", "c");
        Assert.Equal(["paired", "denied", "a3", "b0", "c0"], Names());
        TestFolder.Fails(FaultCode.IdentityConflict, () => _store.AddPendingConsole(
            Make.Console(ConsoleState.Pending) with { ConsoleId = denied.ConsoleId }, 2, 3));

        string[] Names() => [.. _store.ListConsoles().Select(console => console.Name)];
        void AddPending(string name, string address) => _store.AddPendingConsole(
            Make.Console(ConsoleState.Pending) with { Name = name, ObservedAddress = address }, 2, 3);
    }

    private static void AssertSame(ConsoleRecord expected, ConsoleRecord? actual)
    {
        Assert.NotNull(actual);
        Assert.Equal(expected.Pins, actual.Pins);
        Assert.Equal(expected, actual with { Pins = expected.Pins });
    }
}
