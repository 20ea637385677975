using System.IO.Pipes;
using System.Net.Sockets;
using System.Threading.Channels;

namespace ScanEngineAdmin.Core.Nodes;

/// <summary>
/// How a process that wrote a wish into the store wakes the node that runs on it: a named pipe in the data folder, so
/// that nobody polls. A ring may be lost (the node also looks at the store now and then); a ring is never a command.
/// </summary>
public sealed class Doorbell : IAsyncDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Everybody = UnixFileMode.GroupRead | UnixFileMode.GroupWrite
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    private readonly CancellationTokenSource _stop = new();

    // One place: rings while one waits to be answered mean nothing more.
    private readonly Channel<bool> _rings = System.Threading.Channels.Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private readonly NamedPipeServerStream _pipe;
    private readonly Task _listening;
    private readonly Task _answering;

    private Doorbell(string name, UnixFileMode mode, Action rung)
    {
        _pipe = Open(name, mode);
        _listening = Task.Run(ListenAsync);
        _answering = Task.Run(() => AnswerAsync(rung));
    }

    /// <summary>
    /// Listens in <paramref name="folder"/>; <paramref name="rung"/> is called for every ring, never twice at once.
    /// </summary>
    public static Doorbell Start(string folder, Action rung)
    {
        ArgumentNullException.ThrowIfNull(rung);
        try
        {
            return new Doorbell(DoorbellName.Of(folder, create: true), OwnerOnly, rung);
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
            return new Doorbell(DoorbellName.OfApplier(folder, create: true), OwnerOnly | Everybody, rung);
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
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await _pipe.WaitForConnectionAsync(_stop.Token).ConfigureAwait(false);
                _rings.Writer.TryWrite(true);
                _pipe.Disconnect();
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception e) when (e is IOException or SocketException or InvalidOperationException)
            {
                // The caller was gone before it was taken: it did ring, and the pipe must be free for the next one.
                _rings.Writer.TryWrite(true);
                if (_pipe.IsConnected)
                {
                    _pipe.Disconnect();
                }

                await Task.Yield();
            }
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
