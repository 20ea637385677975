using System.Diagnostics.CodeAnalysis;
using System.IO.Pipes;
using System.Net.Sockets;
using System.Threading.Channels;
using ScanEngineAdmin.Domain.Files;

namespace ScanEngineAdmin.Core.Nodes;

/// <summary>
/// How a process that wrote a request into the store wakes the node that runs on it: a named pipe in the data folder,
/// so that nobody polls. A ring may be lost (the node also looks at the store now and then); a ring is never a command.
/// </summary>
public sealed class Doorbell : IAsyncDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Everybody = UnixFileMode.GroupRead | UnixFileMode.GroupWrite
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    // Out of descriptors: trying again at once would only burn the CPU that could free some.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private readonly CancellationTokenSource _stop = new();

    // One place: rings while one waits to be answered mean nothing more.
    private readonly Channel<bool> _rings = System.Threading.Channels.Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private readonly NamedPipeServerStream _pipe;
    private readonly Task _listening;
    private readonly Task _answering;

    private readonly Action<Exception>? _failing;
    private readonly TimeProvider _time;
    private readonly Func<NamedPipeServerStream, CancellationToken, Task> _take;

    private Doorbell(
        string name,
        UnixFileMode mode,
        Action rung,
        Action<Exception>? failing,
        TimeProvider? time = null,
        Func<NamedPipeServerStream, CancellationToken, Task>? take = null)
    {
        _failing = failing;
        _time = time ?? TimeProvider.System;
        _take = take ?? (static (pipe, token) => pipe.WaitForConnectionAsync(token));
        _pipe = Open(name, mode);
        _listening = Task.Run(ListenAsync);
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
        try
        {
            return new Doorbell(DoorbellName.Of(folder, create: true), OwnerOnly, rung, failing, time, take);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SocketException)
        {
            throw DataFolder.NotWritable(folder, e);
        }
    }

    /// <summary>Rings; false when nobody listens. Takes at most a second.</summary>
    public static async Task<bool> RingAsync(string folder, CancellationToken cancellationToken)
    {
        using var pipe = new NamedPipeClientStream(
            ".", DoorbellName.Of(folder, create: false), PipeDirection.In, PipeOptions.Asynchronous);
        try
        {
            await pipe.ConnectAsync(Patience(), cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (IsNobody(e))
        {
            return false;
        }
    }

    /// <summary>
    /// The bell of the applier that serves a folder; null where none may be hung, and then it looks now and then.
    /// </summary>
    internal static Doorbell? TryStartApplier(string folder, Action rung)
    {
        try
        {
            return new Doorbell(DoorbellName.OfApplier(folder, create: true), OwnerOnly | Everybody, rung, null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SocketException)
        {
            return null;
        }
    }

    /// <summary>As <see cref="RingAsync"/>, for a caller that cannot wait asynchronously.</summary>
    internal static bool Ring(string folder) => RingName(DoorbellName.Of(folder, create: false));

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
        _stop.Dispose();
    }

    // A Unix socket takes a caller before anybody accepts it; a Windows pipe is gone for a moment between two callers.
    private static int Patience() => OperatingSystem.IsWindows() ? 250 : 0;

    private static bool IsNobody(Exception e) =>
        e is TimeoutException or IOException or UnauthorizedAccessException or SocketException;

    // Whoever opens holds the folder's lock, so what is found under the name was left by a process that is gone.
    private static NamedPipeServerStream Open(string name, UnixFileMode mode)
    {
        var pipe = new NamedPipeServerStream(
            name, PipeDirection.Out, 1, PipeTransmissionMode.Byte, PipeOptions.Asynchronous);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(name, mode);
        }

        return pipe;
    }

    private async Task ListenAsync()
    {
        int failures = 0;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await _take(_pipe, _stop.Token).ConfigureAwait(false);
                failures = 0;
                _rings.Writer.TryWrite(true);
                _pipe.Disconnect();
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception e) when (e is IOException or SocketException or InvalidOperationException)
            {
                if (_pipe.IsConnected)
                {
                    _pipe.Disconnect();
                }

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

                await PauseAsync().ConfigureAwait(false);
            }
        }
    }

    private async Task PauseAsync()
    {
        try
        {
            await Task.Delay(Pause, _time, _stop.Token).ConfigureAwait(false);
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
