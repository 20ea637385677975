using Microsoft.Data.Sqlite;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Storage.Sqlite;

/// <summary>
/// What keeps a store usable on a full disk: scan data stops at a floor, the write-ahead log stays short, and an
/// admin's write has a reserve.
/// </summary>
internal sealed partial class Database
{
    // Free pages that stay in the file: small changes find room there without the file having to grow.
    private const long KeptPages = 64;

    // Waited for with the write lock held: readers of this product take milliseconds.
    private const int CheckpointPatience = 1000;

    // As PRAGMA auto_vacuum says it.
    private const int Incremental = 2;

    private const long SmallStore = 64 << 20;

    // Guarded by the write lock: something was removed, and the file has not got shorter by it yet.
    private bool _owesRoom;

    private volatile bool _leavesReserve;

    private enum Reserves
    {
        None,
        Node,
        All,
    }

    public StoreRoom Room() => Read(RoomOf);

    /// <summary>
    /// Makes the reserves where there are none; from now on only <see cref="Step"/> gives up the admin's here.
    /// </summary>
    public void KeepReserve() => Guard(
        () =>
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _reserve.Keep();
            _nodeReserve.Keep();
            if (!_leavesReserve)
            {
                _leavesReserve = true;
                return Locked(Modernise);
            }

            return true;
        },
        Reserves.None);

    /// <summary>
    /// A small store of an earlier version gets the form that gives its room back. The file is rewritten
    /// for that, in one transaction; a large one is left to its admin (docs/operations.md).
    /// </summary>
    private bool Modernise(Session session)
    {
        long live = ((session.Number("PRAGMA page_count") ?? 0) - (session.Number("PRAGMA freelist_count") ?? 0))
            * (session.Number("PRAGMA page_size") ?? 0);
        if (session.Number("PRAGMA auto_vacuum") == Incremental || live > SmallStore
            || _disk.Space.Available < (StoreRoom.LowFactor * _disk.Floor) + (2 * live))
        {
            return false;
        }

        session.Run("PRAGMA temp_store = MEMORY; PRAGMA auto_vacuum = INCREMENTAL; VACUUM");
        session.Run("PRAGMA temp_store = DEFAULT");
        return TryCheckpoint(session, "TRUNCATE");
    }

    /// <summary>Writes scan data: as <see cref="Write"/>, but never below the floor.</summary>
    public T WriteData<T>(Func<Session, T> work) => Guard(
        () => Locked(session =>
        {
            StoreRoom room = RoomOf(session);
            if (room.IsBelowFloor)
            {
                throw StoreFaults.BelowFloor(_path, room);
            }

            // Somebody reads for long, so that nothing can be written back: the log must not grow for that.
            return HasShortLog() || TryCheckpoint(session, "TRUNCATE")
                ? InTransaction(session, work)
                : throw StoreFaults.Locked(_path);
        }),
        Reserves.None);

    /// <summary>
    /// Removes a little; false when nothing was left to remove or to give back to the disk.
    /// </summary>
    /// <param name="work">Removes some rows; false if there are none.</param>
    /// <param name="keptShare">The part of the file that may stay free for what comes next.</param>
    public bool Step(Func<Session, bool> work, double keptShare) => Guard(
        () => Locked(session =>
        {
            StoreRoom room = RoomOf(session);
            bool removed = InTransaction(session, work);
            bool returned = !removed && ReturnPages(session, keptShare, room.IsLow);
            _owesRoom |= removed || returned;
            if (_owesRoom && (room.IsBelowFloor || (room.IsLow && !removed && !returned)))
            {
                // A reader may keep it from being whole now; then the next look does it.
                _owesRoom = !TryCheckpoint(session, "TRUNCATE");
            }

            return removed || returned;
        }),
        Reserves.All);

    private StoreRoom RoomOf(Session session) => new(
        _disk.Space.Available,
        (session.Number("PRAGMA freelist_count") ?? 0) * (session.Number("PRAGMA page_size") ?? 0),
        _disk.Floor);

    private bool HasShortLog()
    {
        var log = new FileInfo(_path + "-wal");
        return !log.Exists || log.Length <= 3 * _disk.Log;
    }

    private static bool ReturnPages(Session session, double keptShare, bool isLow)
    {
        if (session.Number("PRAGMA auto_vacuum") != Incremental)
        {
            // A store of an earlier version: its free pages are used again, and count as room.
            return false;
        }

        long free = session.Number("PRAGMA freelist_count") ?? 0;
        long pages = session.Number("PRAGMA page_count") ?? 0;
        long kept = isLow ? KeptPages : Math.Max(KeptPages, (long)(pages * keptShare));
        long some = Math.Min(isLow ? 64 : 256, free - kept);
        if (some < KeptPages / 2)
        {
            return false;
        }

        // It returns a row for each page, and stops where the reader does.
        session.List(FormattableString.Invariant($"PRAGMA incremental_vacuum({some})"), _ => true);
        return true;
    }

    /// <summary>False if a reader keeps it from being whole.</summary>
    private bool TryCheckpoint(Session session, string mode)
    {
        session.Run(FormattableString.Invariant($"PRAGMA busy_timeout = {CheckpointPatience}"));
        try
        {
            return session.Number($"PRAGMA wal_checkpoint({mode})") == 0;
        }
        catch (SqliteException)
        {
            // There is no room for it; what needs some says so.
            return false;
        }
        finally
        {
            session.Run(FormattableString.Invariant(
                $"PRAGMA busy_timeout = {(long)Options.BusyTimeout.TotalMilliseconds}"));
        }
    }

    private Session OpenSession()
    {
        Session session = Session.Open(_path, Options.BusyTimeout);
        try
        {
            session.Run(FormattableString.Invariant(
                $"PRAGMA wal_autocheckpoint = {_disk.Log / 4096}; PRAGMA journal_size_limit = {2 * _disk.Log}"));
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    private T Guard<T>(Func<T> work, Reserves? mayUse = null)
    {
        Reserves reserves = mayUse ?? (_leavesReserve ? Reserves.Node : Reserves.All);
        bool isFull = false;
        try
        {
            return WithRights(work);
        }
        catch (SqliteException e) when (Measure(e, out isFull))
        {
            if (reserves == Reserves.None || !isFull || !MakeRoom(reserves))
            {
                throw StoreFaults.From(e, _path, isFull);
            }
        }

        try
        {
            return WithRights(work);
        }
        catch (SqliteException e) when (Measure(e, out isFull))
        {
            throw StoreFaults.From(e, _path, isFull);
        }
    }

    // Before the work is given up, which frees the files that it had made. In another user's folder none is tried.
    private bool Measure(SqliteException e, out bool isFull)
    {
        isFull = StoreFaults.IsFull(e, _disk, mayTry: _rights is null);
        return true;
    }

    /// <summary>
    /// The reserve goes, and with its room the log is written back, so that its length can be used again. The node's is
    /// the only one that the node's own writes give up: another program may take what becomes free.
    /// </summary>
    private bool MakeRoom(Reserves reserves)
    {
        try
        {
            return WithRights(() =>
            {
                bool gone = _nodeReserve.GiveUp();
                gone |= reserves == Reserves.All && _reserve.GiveUp();
                using Session session = OpenSession();
                return TryCheckpoint(session, "RESTART") || gone;
            });
        }
        catch (SqliteException)
        {
            return false;
        }
    }

    private T WithRights<T>(Func<T> work) => _rights is null ? work() : _rights.Run(work);
}
