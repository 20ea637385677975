using System.Diagnostics.CodeAnalysis;
using System.IO.Pipes;
using System.Net.Sockets;
using System.Threading.Channels;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;

namespace ScanEngineAdmin.Core.Nodes;

/// <summary>
/// How a process that wrote a request into the store wakes the node that runs on it: a named pipe in the data folder,
/// so that nobody polls. A ring may be lost (the node also looks at the store now and then); a ring is never a command.
/// </summary>
internal sealed class Doorbell : IAsyncDisposable
{
    // Out of descriptors: trying again at once would only burn the CPU that could free some.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    // Everybody may ring an applier, which is root's. A ring that finds no place is lost, as any may be.
    private const int CallersInARow = 200;
    private static readonly TimeSpan CallerSpacing = TimeSpan.FromMilliseconds(10);

    private readonly TurnLimit _callers = new(CallerSpacing, CallersInARow);
    private readonly CancellationTokenSource _stop = new();

    // One place: rings while one waits to be answered mean nothing more.
    private readonly Channel<bool> _rings = System.Threading.Channels.Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private readonly DoorbellPlace? _place;
    private readonly string _name;
    private readonly bool _forEverybody;
    private NamedPipeServerStream _pipe;
    private readonly Task _listening;
    private readonly Task _answering;

    private readonly Action<Exception>? _failing;
    private readonly TimeProvider _time;
    private readonly Func<NamedPipeServerStream, CancellationToken, Task> _take;

    private Doorbell(
        DoorbellPlace? place,
        string name,
        Action rung,
        Action<Exception>? failing,
        TimeProvider? time = null,
        Func<NamedPipeServerStream, CancellationToken, Task>? take = null)
    {
        _failing = failing;
        _time = time ?? TimeProvider.System;
        _take = take ?? (static (pipe, token) => pipe.WaitForConnectionAsync(token));
        (_place, _name, _forEverybody) = (place, name, place is null);
        _pipe = DoorbellPipe.Open(name, _forEverybody);

        // It waits before this returns: on Windows a caller who comes and goes before anybody waits spoils the pipe.
        _listening = ListenAsync();
        _answering = Task.Run(() => AnswerAsync(rung));
    }

    /// <summary>
    /// Listens in <paramref name="folder"/>; <paramref name="rung"/> is called for every ring, never twice at once.
    /// <paramref name="failing"/> is told once, and again after it went well, when no caller can be taken.
    /// </summary>
    public static Doorbell Start(string folder, Action rung, Action<Exception>? failing = null) =>
        Start(folder, rung, failing, null, null);

    /// <summary>As above; tests give their own time and their own way to take a caller.</summary>
    internal static Doorbell Start(
        string folder,
        Action rung,
        Action<Exception>? failing,
        TimeProvider? time,
        Func<NamedPipeServerStream, CancellationToken, Task>? take)
    {
        ArgumentNullException.ThrowIfNull(rung);
        DoorbellPlace? place = null;
        try
        {
            place = new DoorbellPlace(folder);
            return new Doorbell(place, place.Name, rung, failing, time, take);
        }
        catch (Exception e) when (IsNoPlace(e))
        {
            place?.Dispose();
            throw DataFolder.NotWritable(folder, e);
        }
    }

    /// <summary>Rings; false when nobody listens. Takes at most a second.</summary>
    public static Task<bool> RingAsync(string folder, CancellationToken cancellationToken) =>
        Task.Run(() => Ring(folder), cancellationToken);

    /// <summary>
    /// As <see cref="Start(string, Action, Action{Exception}?)"/>; null where the bell cannot be hung, and then the
    /// node looks now and then. <paramref name="none"/> is told why.
    /// </summary>
    internal static Doorbell? TryStart(
        string folder, Action rung, Action<Exception> failing, Action<Exception> none)
    {
        try
        {
            return Start(folder, rung, failing);
        }
        catch (ScanEngineException e)
        {
            none(e.InnerException ?? e);
            return null;
        }
    }

    /// <summary>
    /// The bell of the applier that serves a folder; null where none may be hung, and then it looks now and then.
    /// </summary>
    internal static Doorbell? TryStartApplier(string folder, Action rung)
    {
        try
        {
            return new Doorbell(null, DoorbellName.OfApplier(folder, create: true), rung, null);
        }
        catch (Exception e) when (IsNoPlace(e) || e is ScanEngineException)
        {
            return null;
        }
    }

    /// <summary>As <see cref="RingAsync"/>, for a caller that cannot wait asynchronously.</summary>
    internal static bool Ring(string folder)
    {
        try
        {
            return OwnerRights.In(folder, () =>
            {
                using var place = new DoorbellPlace(folder);
                return RingName(place.Name);
            });
        }
        catch (IOException)
        {
            return false;
        }
    }

    internal static bool RingApplier(string folder) => RingName(DoorbellName.OfApplier(folder, create: false));

    private static bool RingName(string name)
    {
        using var pipe = new NamedPipeClientStream(".", name, PipeDirection.In);
        try
        {
            pipe.Connect(Patience());
            return true;
        }
        catch (Exception e) when (IsNobody(e))
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _listening.ConfigureAwait(false);
        await _answering.ConfigureAwait(false);
        await _pipe.DisposeAsync().ConfigureAwait(false);
        _place?.Dispose();
        _stop.Dispose();
    }

    // A Unix socket takes a caller before anybody accepts it; a Windows pipe is gone for a moment between two callers.
    private static int Patience() => OperatingSystem.IsWindows() ? 250 : 0;

    private static bool IsNobody(Exception e) =>
        e is TimeoutException or IOException or UnauthorizedAccessException or SocketException;

    private static bool IsNoPlace(Exception e) =>
        e is IOException or UnauthorizedAccessException or SocketException;

    private async Task ListenAsync()
    {
        int failures = 0;
        while (!_stop.IsCancellationRequested)
        {
            if (_callers.Left(Now) is var rest && rest > TimeSpan.Zero)
            {
                await PauseAsync(rest).ConfigureAwait(false);
            }

            try
            {
                await _take(_pipe, _stop.Token).ConfigureAwait(false);
                failures = 0;
                _callers.Take(Now);
                _rings.Writer.TryWrite(true);
                _pipe.Disconnect();
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception e) when (e is IOException or SocketException or InvalidOperationException)
            {
                Free();

                // The caller was gone before it was taken: it did ring, and the pipe must be free for the next one.
                if (++failures == 1)
                {
                    _rings.Writer.TryWrite(true);
                    continue;
                }

                // That is no caller any more: this process can take nobody now.
                if (failures == 2)
                {
                    Report(e);
                }

                await PauseAsync(Pause).ConfigureAwait(false);
            }
        }
    }

    // On Windows a pipe whose caller has gone before he was taken never takes another one.
    private void Free()
    {
        if (!OperatingSystem.IsWindows())
        {
            if (_pipe.IsConnected)
            {
                _pipe.Disconnect();
            }

            return;
        }

        try
        {
            _pipe.Dispose();
            _pipe = DoorbellPipe.Open(_name, _forEverybody);
        }
        catch (Exception e) when (IsNoPlace(e))
        {
            // Waiting on the old one fails, and it is tried again.
        }
    }

    private TimeSpan Now => _time.GetElapsedTime(0);

    private async Task PauseAsync(TimeSpan pause)
    {
        try
        {
            await Task.Delay(pause, _time, _stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The loop sees it.
        }
    }

    [SuppressMessage(
        "Design", "CA1031:Do not catch general exception types", Justification = "A log's fault is not the caller's.")]
    private void Report(Exception e)
    {
        try
        {
            _failing?.Invoke(e);
        }
        catch (Exception)
        {
            // There is nobody left to tell.
        }
    }

    private async Task AnswerAsync(Action rung)
    {
        try
        {
            await foreach (bool _ in _rings.Reader.ReadAllAsync(_stop.Token).ConfigureAwait(false))
            {
                rung();
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
        }
    }
}
