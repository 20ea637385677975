using System.Reflection;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Core.Tests.Nodes;

/// <summary>What a node says of the room that its store has.</summary>
public sealed class StoreUpkeepTests
{
    private const long Floor = 1_000;

    [Fact]
    public async Task An_admin_is_warned_before_the_disk_is_full_told_when_it_is_and_when_it_is_over()
    {
        List<string> told = [];
        (INodeStore store, Action<long> set) = RoomStore.Make(Floor);
        var upkeep = new StoreUpkeep(store, TimeProvider.System, (_, name, _) => told.Add(name));
        await Look(10 * Floor);
        Assert.Empty(told);
        Assert.Null(upkeep.Warning);

        await Look(2 * Floor);
        await Look(2 * Floor);
        Assert.Equal(["DiskLow"], told);
        Assert.Contains("nearly full", upkeep.Warning, StringComparison.Ordinal);

        // To and fro at the bound says nothing more.
        await Look(Floor - 1);
        await Look(Floor + 1);
        await Look(Floor - 1);
        Assert.Equal(["DiskLow", "DiskFull"], told);

        await Look(10 * Floor);
        Assert.Equal(["DiskLow", "DiskFull", "DiskHasRoom"], told);
        Assert.Null(upkeep.Warning);

        Task Look(long available)
        {
            set(available);
            return upkeep.LookAsync(CancellationToken.None);
        }
    }

    [Fact]
    public async Task What_was_removed_is_removed_to_its_end_and_then_what_is_old()
    {
        (INodeStore store, Action<long> set) = RoomStore.Make(Floor, steps: 3);
        set(10 * Floor);
        int old = 2;
        var upkeep = new StoreUpkeep(store, TimeProvider.System, (_, _, _) => { }) { Retire = () => old-- > 0 };
        await upkeep.LookAsync(CancellationToken.None);
        Assert.Equal(-1, old);
        Assert.False(store.CleanUp());
    }

#pragma warning disable CA1852 // The proxy that is made at run time derives from it.
    private class RoomStore : DispatchProxy
#pragma warning restore CA1852
    {
        private long _floor;
        private long _available;
        private int _steps;

        public static (INodeStore Store, Action<long> Set) Make(long floor, int steps = 0)
        {
            INodeStore store = Create<INodeStore, RoomStore>();
            var room = (RoomStore)store;
            (room._floor, room._steps) = (floor, steps);
            return (store, available => room._available = available);
        }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod!.Name switch
        {
            nameof(INodeStore.Room) => new StoreRoom(_available, 0, _floor),
            nameof(INodeStore.CleanUp) => _steps-- > 0,
            nameof(INodeStore.KeepReserve) => null,
            _ => throw new NotSupportedException(targetMethod.Name),
        };
    }
}
