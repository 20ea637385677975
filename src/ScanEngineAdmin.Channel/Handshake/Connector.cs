using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace ScanEngineAdmin.Channel.Handshake;

/// <summary>Name to addresses to a connected socket, or to a reason that names every address tried.</summary>
internal sealed class Connector(ChannelOptions options)
{
    // A name with more addresses than this is a mistake or an attack; the first ones are as good as any.
    private const int MaxAddresses = 8;

    // Silent addresses cost a whole timeout each; three of them are enough waiting for one dial.
    private const int MostTimeouts = 3;

    /// <summary>How names are resolved; tests give their own.</summary>
    public Func<string, CancellationToken, Task<IPAddress[]>> Resolve { get; init; } = Dns.GetHostAddressesAsync;

    /// <summary>How a socket is connected; tests give their own.</summary>
    public Func<Socket, EndPoint, Task> Connect { get; init; } =
        static (socket, endPoint) => socket.ConnectAsync(endPoint);

    public async Task<Socket> ConnectAsync(DialTarget target, CancellationToken cancellationToken)
    {
        if (options.Proxy is not { } proxy || !proxy.IsUsedFor(target.Host))
        {
            return await ConnectDirectlyAsync(target, cancellationToken).ConfigureAwait(false);
        }

        // The proxy looks the name up: often only its network knows it.
        Socket socket = await ConnectToProxyAsync(proxy, target, cancellationToken).ConfigureAwait(false);
        try
        {
            await ProxyTunnel.OpenAsync(socket, proxy, target, options, cancellationToken).ConfigureAwait(false);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task<Socket> ConnectToProxyAsync(
        HttpProxy proxy, DialTarget target, CancellationToken cancellationToken)
    {
        try
        {
            return await ConnectDirectlyAsync(new DialTarget(proxy.Host, proxy.Port, []), cancellationToken)
                .ConfigureAwait(false);
        }
        catch (ChannelException e)
        {
            throw new ChannelException(
                e.Fault, e.Stage, e.EndPoint, $"The proxy for {target.EndPoint} is not reached. {e.Message}", e);
        }
    }

    private async Task<Socket> ConnectDirectlyAsync(DialTarget target, CancellationToken cancellationToken)
    {
        IPAddress[] addresses = await ResolveAsync(target, cancellationToken).ConfigureAwait(false);
        var attempts = new List<ConnectAttempt>();
        foreach (IPAddress address in addresses.Take(MaxAddresses))
        {
            (Socket? socket, ConnectAttempt attempt) =
                await TryAsync(new IPEndPoint(address, target.Port), cancellationToken).ConfigureAwait(false);
            if (socket is not null)
            {
                return socket;
            }

            attempts.Add(attempt);
            if (attempts.Count(a => a.Fault == ChannelFault.ConnectTimedOut) == MostTimeouts)
            {
                break;
            }
        }

        throw ConnectAttempt.Explain(target, attempts);
    }

    private async Task<IPAddress[]> ResolveAsync(DialTarget target, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(target.Host, out IPAddress? literal))
        {
            return [literal];
        }

        using var deadline = new Deadline(options.ConnectTimeout, options.Time, cancellationToken);
        try
        {
            IPAddress[] addresses = await Resolve(target.Host, deadline.Token)
                .WaitAsync(deadline.Token).ConfigureAwait(false);
            return addresses.Length > 0 ? addresses : throw NotResolved(target, "it has no address", null);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw NotResolved(target, $"no answer within {options.ConnectTimeout.TotalSeconds:0.#} s", e);
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            throw NotResolved(target, e.Message, e);
        }
    }

    [SuppressMessage(
        "Reliability", "CA2000:Dispose objects before losing scope", Justification = "Returned, or disposed below.")]
    private async Task<(Socket? Socket, ConnectAttempt Attempt)> TryAsync(
        IPEndPoint endPoint, CancellationToken cancellationToken)
    {
        long start = options.Time.GetTimestamp();
        Socket? socket = null;
        SocketError error;
        try
        {
            socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            // Small control frames must not wait for an acknowledgement of the ones before.
            socket.NoDelay = true;
            await WaitAsync(socket, Connect(socket, endPoint), cancellationToken).ConfigureAwait(false);
            return (socket, new ConnectAttempt(endPoint, SocketError.Success, options.Time.GetElapsedTime(start)));
        }
        catch (SocketException e)
        {
            error = e.SocketErrorCode;
        }
        catch (TimeoutException)
        {
            error = SocketError.TimedOut;
        }
        catch
        {
            socket?.Dispose();
            throw;
        }

        socket?.Dispose();
        return (null, new ConnectAttempt(endPoint, error, options.Time.GetElapsedTime(start)));
    }

    /// <summary>
    /// An answer that came in time counts, though this host is so busy that nobody has heard it: silence would be laid to
    /// a firewall.
    /// </summary>
    private async Task WaitAsync(Socket socket, Task connecting, CancellationToken cancellationToken)
    {
        try
        {
            await connecting.WaitAsync(options.ConnectTimeout, options.Time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException) when (socket.Poll(0, SelectMode.SelectWrite))
        {
            await connecting.WaitAsync(options.ConnectTimeout, options.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    private static ChannelException NotResolved(DialTarget target, string why, Exception? cause) => new(
        ChannelFault.NameNotResolved,
        ChannelStage.Name,
        target.EndPoint,
        $"The name '{target.Host}' did not resolve on this host ({why}). Look at the name and at this host's DNS.",
        cause);
}
