using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using ScanEngineAdmin.Domain.Files;

namespace ScanEngineAdmin.Storage.Sqlite;

/// <summary>
/// One store file: a connection that writes, under a lock, and some that read. Whatever it runs either is durable when
/// it returns or has not happened, and nothing of the database library leaves it.
/// </summary>
internal sealed partial class Database : IDisposable
{
    // Before the rights of an owner are taken who may not be allowed to read this program.
    private static readonly Lazy<bool> AllCode = new(static () =>
    {
        ProgramCode.LoadAll(typeof(Database).Assembly);

        // The database library looks for more when it is first used, and for its native one.
        Session.Open(":memory:", TimeSpan.Zero).Dispose();
        return true;
    });

    // Beyond this a reading thread opens and closes a connection of its own: slower, never refused.
    private const int IdleReaders = 8;

    private static readonly TimeSpan WaitSlice = TimeSpan.FromMilliseconds(100);

    private readonly string _path;
    private readonly Schema _schema;
    private readonly OwnerRights? _rights;
    private readonly StoreDisk _disk;
    private readonly ReserveFile _reserve;
    private readonly ReserveFile _nodeReserve;
    private readonly FileFacts? _file;
    private readonly object _writing = new();
    private readonly object _watching = new();
    private readonly ConcurrentBag<Session> _readers = [];
    private readonly StoreView? _view;
    private Session? _writer;
    private Session? _watcher;
    private int _noticedWrites;
    private long _unknownVersion;
    private volatile bool _disposed;

    private Database(
        string path, Schema schema, StoreOptions options, OwnerRights? rights = null, StoreView? view = null)
    {
        _path = path;
        _schema = schema;
        _rights = rights;
        _view = view;
        _disk = new StoreDisk(Path.GetDirectoryName(path)!, options.Disk);
        _reserve = new ReserveFile(path + "-reserve", _disk.Reserve, _disk);
        _nodeReserve = new ReserveFile(path + "-reserve-node", _disk.NodeReserve, _disk);
        _file = FileFacts.Of(path);
        Options = options;
    }

    public StoreOptions Options { get; }

    /// <summary>
    /// Changes whenever any other connection commits. It is asked on a connection that nothing else uses, so that the
    /// writes of this store itself count as well as those of other processes.
    /// </summary>
    public long DataVersion => Guard(() =>
    {
        lock (_watching)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _watcher ??= OpenSession();
            return _watcher.Number("PRAGMA data_version") ?? 0;
        }
    });

    /// <summary>
    /// As <see cref="DataVersion"/>, but for what this store wrote without notice: the writing connection does not see its own
    /// commits as changes, so those that count are counted. While something is being written it is always another one.
    /// </summary>
    public long NoticedVersion => Guard(() =>
    {
        if (!Monitor.TryEnter(_writing))
        {
            return Interlocked.Decrement(ref _unknownVersion);
        }

        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _writer ??= OpenSession();
            return ((_writer.Number("PRAGMA data_version") ?? 0) << 32) + (uint)_noticedWrites;
        }
        finally
        {
            Monitor.Exit(_writing);
        }
    });

    public static Database Open(string folder, Schema schema, StoreOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        string path = Path.Combine(Path.GetFullPath(folder), StoreFile.Name);
        OwnerRights? rights = Rights(folder);
        StoreView? view = rights is null ? StoreView.OfReadOnly(path) : null;
        if (rights is not null)
        {
            rights.Run(() => StoreFile.Prepare(path, withJournal: false));
        }
        else if (view is null)
        {
            StoreFile.Prepare(path, withJournal: true);
        }

        Database database = new(view?.Path ?? path, schema, options, rights, view);
        try
        {
            database.Guard(() =>
            {
                using Session session = database.OpenSession();
                schema.Bring(session, options.BusyTimeout);
                return true;
            });
            return database;
        }
        catch
        {
            view?.Dispose();
            throw;
        }
    }

    /// <summary>
    /// For a process with more rights than the folder's owner, who may be hostile: nothing is made, followed or
    /// migrated there, since the owner could have put a link in the place of what is written.
    /// </summary>
    public static Database Attach(string folder, Schema schema, StoreOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        string path = Path.Combine(Path.GetFullPath(folder), StoreFile.Name);
        StoreFile.RequireOwn(path);
        Database database = new(path, schema, options, Rights(folder));
        database.Guard(() =>
        {
            using Session session = database.OpenSession();
            schema.Require(session);
            return true;
        });
        return database;
    }

    public T Read<T>(Func<Session, T> work) => Guard(() =>
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (!_readers.TryTake(out Session? session))
        {
            session = OpenReader();
        }

        bool sound = false;
        try
        {
            T result = work(session);
            sound = true;
            return result;
        }
        finally
        {
            GiveBack(session, sound);
        }
    });

    /// <summary>Runs the work in one transaction that holds the write lock from its start; a throw undoes it.</summary>
    public T Write<T>(Func<Session, T> work) => Guard(() => Locked(session => InTransaction(session, work)));

    /// <summary>As <see cref="Write"/>, for what nobody in this process has to look at.</summary>
    public T WriteWithoutNotice<T>(Func<Session, T> work) => Guard(
        () => Locked(session => InTransaction(session, work, notice: false)));

    private T Locked<T>(Func<Session, T> work)
    {
        if (_view is not null)
        {
            throw StoreFaults.NotWritable(_view.Original, "its file system is read-only");
        }

        if (Monitor.IsEntered(_writing))
        {
            throw new InvalidOperationException("A change must not write to the store itself.");
        }

        EnterWriting();
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _writer ??= OpenSession();
            return work(_writer);
        }
        finally
        {
            Monitor.Exit(_writing);
        }
    }

    /// <summary>
    /// Waits in slices, as SQLite does for other processes: time in which this process stood still ends one slice at
    /// most, so a host that wakes from a suspension does not take its own store for locked.
    /// </summary>
    private void EnterWriting()
    {
        TimeSpan waited = TimeSpan.Zero;
        while (!Monitor.TryEnter(_writing, WaitSlice))
        {
            waited += WaitSlice;
            if (waited >= Options.BusyTimeout)
            {
                throw StoreFaults.Locked(_path);
            }
        }
    }

    /// <summary>On connections of its own: neither readers nor the writer wait for it.</summary>
    public void CopyTo(string copy, Action<double>? progress, CancellationToken cancellationToken) => Guard(() =>
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        new StoreCopy(_path, copy, _schema, Options, progress).Write(cancellationToken);
        return true;
    });

    public void Check() => Read(session => session.Text("PRAGMA integrity_check(1)") is "ok"
        ? true
        : throw StoreFaults.Damaged(_path, "its pages or indexes do not hold together"));

    public void Dispose()
    {
        _disposed = true;
        if (_rights is null)
        {
            Close();
        }
        else
        {
            // The last one to close it deletes its side files.
            _rights.Run(() => Close());
        }

        _view?.Dispose();
    }

    private static OwnerRights? Rights(string folder)
    {
        if (OwnerRights.Of(Path.GetFullPath(folder)) is not { } rights)
        {
            return null;
        }

        _ = AllCode.Value;
        return rights;
    }

    private bool Close()
    {
        lock (_writing)
        {
            _writer?.Dispose();
            _writer = null;
        }

        lock (_watching)
        {
            _watcher?.Dispose();
            _watcher = null;
        }

        CloseReaders();
        return true;
    }

    private T InTransaction<T>(Session session, Func<Session, T> work, bool notice = true)
    {
        int changes = session.Changes;
        session.Execute("BEGIN IMMEDIATE");
        try
        {
            T result = work(session);
            session.Execute("COMMIT");
            _noticedWrites += notice && session.Changes != changes ? 1 : 0;
            RequireInPlace();
            return result;
        }
        catch
        {
            Undo(session);
            throw;
        }
    }

    // What is written into a file that nobody finds any more is not durable: it must not be said to be.
    private void RequireInPlace()
    {
        if (FileFacts.Of(_path) is var now
            && (now?.Inode, now?.Device) != (_file?.Inode, _file?.Device))
        {
            throw FolderWatch.Replaced(_path);
        }
    }

    private void Undo(Session session)
    {
        try
        {
            // A full disk or an I/O error has undone it already.
            if (session.InTransaction)
            {
                session.Execute("ROLLBACK");
            }
        }
        catch (SqliteException)
        {
            // Closing the connection undoes it too, and the error to report is the one that led here.
            session.Dispose();
            _writer = null;
            _noticedWrites++;
        }
    }

    private Session OpenReader()
    {
        Session session = OpenSession();
        session.Run("PRAGMA query_only = ON");
        return session;
    }

    private void GiveBack(Session session, bool sound)
    {
        if (!sound || _disposed || _readers.Count >= IdleReaders)
        {
            session.Dispose();
            return;
        }

        _readers.Add(session);
        if (_disposed)
        {
            CloseReaders();
        }
    }

    private void CloseReaders()
    {
        while (_readers.TryTake(out Session? session))
        {
            session.Dispose();
        }
    }
}
