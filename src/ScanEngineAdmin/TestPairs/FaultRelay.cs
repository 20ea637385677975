using System.Net;
using System.Net.Sockets;

namespace ScanEngineAdmin.TestPairs;

/// <summary>Passes connections on to a node of a test pair, or does what a broken network does.</summary>
internal sealed class FaultRelay : IDisposable
{
    private const int BufferSize = 16 * 1024;
    private const int MostConnections = 256;

    private readonly TcpListener _listener;
    private readonly object _gate = new();
    private readonly HashSet<Socket> _open = [];
    private State _state = new(new IPEndPoint(IPAddress.None, 0), TestPairFault.None, TimeSpan.Zero);

    /// <exception cref="SocketException">The endpoint is not free.</exception>
    public FaultRelay(IPAddress address, int port)
    {
        _listener = new TcpListener(address, port) { ExclusiveAddressUse = true };
        _listener.Start();
        _ = Task.Run(AcceptAsync);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>
    /// From now on: connections that are open are reset unless only the delay changes or they are to hang in silence.
    /// </summary>
    public void Set(IPEndPoint target, TestPairFault fault, TimeSpan delay)
    {
        Socket[] cut;
        lock (_gate)
        {
            State before = _state;
            _state = new State(target, fault, delay);
            bool same = before.Target.Equals(target) && before.Fault == fault;
            cut = same || fault == TestPairFault.Silence ? [] : [.. _open];
        }

        foreach (Socket socket in cut)
        {
            Reset(socket);
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        Set(new IPEndPoint(IPAddress.None, 0), TestPairFault.Drop, TimeSpan.Zero);
    }

    private static bool Drops(TestPairFault fault) =>
        fault is TestPairFault.Drop or TestPairFault.EngineKilled or TestPairFault.ConsoleKilled;

    // Not closed in order: the other end sees a reset, as of a process that is gone.
    private static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(true, 0);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It has ended by itself.
        }

        socket.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            try
            {
                Socket near = await _listener.AcceptSocketAsync().ConfigureAwait(false);
                _ = PassAsync(near);
            }
            catch (Exception e) when (e is ObjectDisposedException or InvalidOperationException
                or SocketException { SocketErrorCode: SocketError.OperationAborted })
            {
                return;
            }
            catch (SocketException)
            {
                // One that was gone before it was accepted.
            }
        }
    }

    private async Task PassAsync(Socket near)
    {
        var far = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            State state = Add(near, far);
            near.NoDelay = true;
            if (Drops(state.Fault))
            {
                return;
            }

            await far.ConnectAsync(state.Target).ConfigureAwait(false);
            await Task.WhenAll(CopyAsync(near, far), CopyAsync(far, near)).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // One end has gone, and so goes the other.
        }
        finally
        {
            lock (_gate)
            {
                _open.Remove(near);
                _open.Remove(far);
            }

            Reset(near);
            Reset(far);
        }
    }

    private State Add(Socket near, Socket far)
    {
        lock (_gate)
        {
            if (_open.Count >= MostConnections)
            {
                return _state with { Fault = TestPairFault.Drop };
            }

            _open.Add(near);
            _open.Add(far);
            return _state;
        }
    }

    private async Task CopyAsync(Socket from, Socket to)
    {
        byte[] buffer = new byte[BufferSize];
        while (true)
        {
            int count = await from.ReceiveAsync(buffer, SocketFlags.None).ConfigureAwait(false);
            State state;
            lock (_gate)
            {
                state = _state;
            }

            if (state.Fault == TestPairFault.Silence)
            {
                if (count == 0)
                {
                    return;
                }

                continue;
            }

            if (state.Delay > TimeSpan.Zero)
            {
                await Task.Delay(state.Delay).ConfigureAwait(false);
            }

            if (count == 0)
            {
                to.Shutdown(SocketShutdown.Send);
                return;
            }

            for (int sent = 0; sent < count;)
            {
                sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), SocketFlags.None).ConfigureAwait(false);
            }
        }
    }

    private sealed record State(IPEndPoint Target, TestPairFault Fault, TimeSpan Delay);
}
