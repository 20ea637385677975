using System.Net;
using System.Net.Sockets;

namespace ScanEngineAdmin.Core.Tests.EndToEnd;

/// <summary>
/// A TCP forwarder between two nodes: what a firewall or a dying link does to them, without either. It keeps its
/// address over restarts of the node behind it.
/// </summary>
internal sealed class Relay : IAsyncDisposable
{
    private readonly object _gate = new();
    private readonly Func<IPEndPoint?> _behind;
    private readonly List<Socket> _sockets = [];
    private readonly List<Task> _tasks = [];
    private readonly CancellationTokenSource _stop = new();
    private TaskCompletionSource _open = Opened();
    private Socket? _listener;
    private int _connections;

    public Relay(IPAddress address, Func<IPEndPoint?> behind)
    {
        _behind = behind;
        EndPoint = Listen(new IPEndPoint(address, 0));
    }

    public IPEndPoint EndPoint { get; }

    public string Host => EndPoint.Address.ToString();

    /// <summary>Connections that were taken so far.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Resets what is open; new connections pass.</summary>
    public void Cut()
    {
        lock (_gate)
        {
            foreach (Socket socket in _sockets)
            {
                Reset(socket);
            }

            _sockets.Clear();
        }
    }

    /// <summary>Resets what is open, and refuses what comes.</summary>
    public void Block()
    {
        lock (_gate)
        {
            _listener?.Dispose();
            _listener = null;
        }

        Cut();
    }

    public void Unblock()
    {
        lock (_gate)
        {
            if (_listener is not null)
            {
                return;
            }
        }

        Listen(EndPoint);
    }

    /// <summary>Keeps all connections and passes nothing on, either way: a half-open link.</summary>
    public void Silence()
    {
        lock (_gate)
        {
            _open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    public void Speak()
    {
        lock (_gate)
        {
            _open.TrySetResult();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        Block();
        Task[] tasks;
        lock (_gate)
        {
            tasks = [.. _tasks];
        }

        await Task.WhenAll(tasks).WaitAsync(NodePair.Patience);
        _stop.Dispose();
    }

    private static TaskCompletionSource Opened()
    {
        var opened = new TaskCompletionSource();
        opened.SetResult();
        return opened;
    }

    private static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(true, 0);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It was gone already.
        }

        socket.Dispose();
    }

    private IPEndPoint Listen(IPEndPoint endPoint)
    {
        Socket listener = Bind(endPoint);
        listener.Listen(64);
        lock (_gate)
        {
            _listener = listener;
            _tasks.Add(AcceptAsync(listener));
        }

        return (IPEndPoint)listener.LocalEndPoint!;
    }

    private static Socket Bind(IPEndPoint endPoint)
    {
        for (int left = 100; ; left--)
        {
            var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
                listener.Bind(endPoint);
                return listener;
            }
            catch (SocketException) when (left > 0 && OperatingSystem.IsWindows())
            {
                // A listener that was closed keeps the port there until its last accept has ended, which tells nobody.
                listener.Dispose();
                Thread.Sleep(50);
            }
        }
    }

    private async Task AcceptAsync(Socket listener)
    {
        try
        {
            while (true)
            {
                Socket near = await listener.AcceptAsync(_stop.Token);
                Interlocked.Increment(ref _connections);
                lock (_gate)
                {
                    if (_listener != listener)
                    {
                        // It came before the block and is taken after it: the block did not see it.
                        Reset(near);
                        return;
                    }

                    _tasks.RemoveAll(task => task.IsCompleted);
                    _tasks.Add(ServeAsync(near));
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // Blocked, or the test is over.
        }
    }

    private async Task ServeAsync(Socket near)
    {
        var far = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        lock (_gate)
        {
            _sockets.Add(near);
            _sockets.Add(far);
        }

        try
        {
            await far.ConnectAsync(
                _behind() ?? throw new SocketException((int)SocketError.ConnectionRefused), _stop.Token);
            await Task.WhenAll(PumpAsync(near, far), PumpAsync(far, near));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // One end is gone, and the other hears of it below.
        }
        finally
        {
            lock (_gate)
            {
                _sockets.Remove(near);
                _sockets.Remove(far);
            }

            Reset(near);
            Reset(far);
        }
    }

    private async Task PumpAsync(Socket from, Socket to)
    {
        byte[] buffer = new byte[16 * 1024];
        try
        {
            for (int read; (read = await from.ReceiveAsync(buffer, _stop.Token)) > 0;)
            {
                Task open;
                lock (_gate)
                {
                    open = _open.Task;
                }

                await open.WaitAsync(_stop.Token);
                for (int sent = 0; sent < read;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, read - sent), _stop.Token);
                }
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch
        {
            Reset(from);
            Reset(to);
            throw;
        }
    }
}
