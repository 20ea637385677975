using System.Globalization;
using System.Threading.Channels;
using Microsoft.Win32.SafeHandles;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;

namespace ScanEngineAdmin.Core.Nodes;

/// <summary>
/// A node's log in a file of JSON lines, its owner's alone: so many bytes a file, so many files (log, log.1, ... the
/// oldest goes). Nothing of it holds the node up: lines wait in a queue, and what cannot be written is left out and
/// counted in a later line.
/// </summary>
internal sealed class LogFile : IAsyncDisposable
{
    public const long UsualBytes = 16 * 1024 * 1024;
    public const int UsualFiles = 8;

    private const int LinesWaiting = 10_000;
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private static readonly TimeSpan FlushLimit = TimeSpan.FromSeconds(5);
    private static readonly byte[] LineEnd = "\n"u8.ToArray();

    private readonly Channel<LogEntry> _waiting = System.Threading.Channels.Channel.CreateBounded<LogEntry>(
        new BoundedChannelOptions(LinesWaiting) { SingleReader = true });

    private readonly long _mostBytes;
    private readonly int _files;
    private readonly Task _writing;
    private SafeFileHandle? _file;
    private long _length;
    private long _leftOut;

    private LogFile(string path, SafeFileHandle file, long mostBytes, int files)
    {
        (Path, _file, _mostBytes, _files) = (path, file, mostBytes, files);
        _length = RandomAccess.GetLength(file);
        _writing = Task.Run(WriteAllAsync);
    }

    public string Path { get; }

    /// <param name="path">The file's full path; its folder is made if it is not there.</param>
    /// <param name="option">What named it, for the error.</param>
    /// <param name="mostBytes">After which the file is put aside.</param>
    /// <param name="files">How many are kept with the one that is written.</param>
    /// <exception cref="ScanEngineException">OptionInvalid, DataFolderNotSafe, DataFolderOfAnother.</exception>
    public static LogFile Open(string path, string option, long mostBytes = UsualBytes, int files = UsualFiles)
    {
        Prepare(path, option);
        try
        {
            return new LogFile(path, OpenFile(path), mostBytes, files);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw NotWritable(path, option, e);
        }
    }

    /// <summary>
    /// Sees to it that nobody else can put a link or another file in a log's way, and that none is there; makes its folder.
    /// </summary>
    /// <exception cref="ScanEngineException">OptionInvalid, DataFolderNotSafe, DataFolderOfAnother.</exception>
    public static void Prepare(string path, string option)
    {
        string folder = System.IO.Path.GetDirectoryName(path) is { Length: > 0 } parent ? parent : path;
        FolderAccess.RequireOwner(folder);
        try
        {
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(folder);
            }
            else
            {
                Directory.CreateDirectory(
                    folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }

            // Somebody else may have been quicker.
            FolderAccess.RequireOwner(folder);
            if (FileFacts.Of(path) is { IsRegular: false } other)
            {
                throw new IOException($"it is {other.KindName}, where a file should be.");
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw NotWritable(path, option, e);
        }
    }

    public static ScanEngineException NotWritable(string path, string option, Exception cause) => FullDisk.Is(cause)
        ? FullDisk.Fault(path, cause)
        : new ScanEngineException(
            FaultCode.OptionInvalid,
            $"The log file '{path}' cannot be written: {cause.Message}",
            $"Name a file in a folder of the user who runs the node: {option} <file>.",
            path,
            cause);

    /// <summary>Never waits.</summary>
    public void Write(LogEntry entry)
    {
        if (!_waiting.Writer.TryWrite(entry))
        {
            Interlocked.Increment(ref _leftOut);
        }
    }

    /// <summary>Writes what waits, within a bound.</summary>
    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _writing.WaitAsync(FlushLimit).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Unlock();
        _file?.Dispose();
    }

    private async Task WriteAllAsync()
    {
        await foreach (LogEntry entry in _waiting.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            try
            {
                long leftOut = Interlocked.Exchange(ref _leftOut, 0);
                Append(leftOut == 0 ? entry : entry with
                {
                    Message = string.Create(
                        CultureInfo.InvariantCulture, $"{entry.Message} ({leftOut} lines before this one were left out.)"),
                }, leftOut);
            }
#pragma warning disable CA1031 // A full disk, say, or a line that is none: whatever it is, the next line tries again.
            catch
#pragma warning restore CA1031
            {
                Interlocked.Increment(ref _leftOut);
            }
        }
    }

    private void Append(LogEntry entry, long leftOut)
    {
        try
        {
            ReadOnlyMemory<byte> line = LogLine.Of(entry);
            Open();
            if (_length > 0 && _length + line.Length + LineEnd.Length > _mostBytes)
            {
                Rotate();
                Open();
            }

            RandomAccess.Write(_file!, [line, LineEnd], _length);
            _length += line.Length + LineEnd.Length;
        }
        catch
        {
            Interlocked.Add(ref _leftOut, leftOut);
            throw;
        }
    }

    private void Open()
    {
        if (_file is null)
        {
            _file = OpenFile(Path);
            _length = RandomAccess.GetLength(_file);
        }
    }

    private void Unlock()
    {
        if (!OperatingSystem.IsLinux() || _file is not { } file)
        {
            return;
        }

        try
        {
            OwnFile.Unlock(file);
        }
        catch (ObjectDisposedException)
        {
            // What writes too slowly for the end of the log has closed it in between.
        }
    }

    private void Rotate()
    {
        Unlock();
        _file?.Dispose();
        _file = null;
        for (int number = _files - 1; number > 0; number--)
        {
            string from = number == 1 ? Path : Numbered(number - 1);
            if (OwnFile.Exists(from))
            {
                // A link in the new one's place is replaced, and not followed.
                OwnFile.Move(from, Numbered(number), overwrite: true);
            }
        }
    }

    private string Numbered(int number) => string.Create(CultureInfo.InvariantCulture, $"{Path}.{number}");

    // The lock keeps a second node from writing the same file, whose turns would be no turns of the first.
    private static SafeFileHandle OpenFile(string path)
    {
        if (FileFacts.Of(path) is null)
        {
            FolderRights.CreateFile(path).Dispose();
        }

        if (!OperatingSystem.IsLinux())
        {
            return File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
        }

        SafeFileHandle file = OwnFile.Open(path, write: true);
        if (!OwnFile.TryLock(file, exclusive: true))
        {
            file.Dispose();
            throw new IOException("another node writes it.");
        }

        if ((File.GetUnixFileMode(file) & Others) != 0)
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return file;
    }
}
