using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace ScanEngineAdmin.Channel.Handshake;

/// <summary>
/// Asks an HTTP proxy, over a connection to it, for a tunnel; what it refuses is said in its own words.
/// </summary>
internal static class ProxyTunnel
{
    // A proxy's refusal may have a long page behind its head; only the head is read.
    private const int MostHead = 16 * 1024;
    private const int MostSchemes = 4;

    public static async Task OpenAsync(
        Socket socket, HttpProxy proxy, DialTarget target, ChannelOptions options, CancellationToken cancellationToken)
    {
        if (target.EndPoint.Any(static c => c <= ' ' || c > '~'))
        {
            throw Refused(proxy, target, "is not asked: the address has a character that no request may have", null);
        }

        using var deadline = new Deadline(options.HandshakeTimeout, options.Time, cancellationToken);
        string head;
        try
        {
            byte[] request = Encoding.ASCII.GetBytes(Request(proxy, target));
            for (int sent = 0; sent < request.Length;)
            {
                sent += await socket.SendAsync(request.AsMemory(sent), deadline.Token).ConfigureAwait(false);
            }

            head = await ReadHeadAsync(socket, deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw Refused(
                proxy, target, $"did not answer within {options.HandshakeTimeout.TotalSeconds:0.#} s", e);
        }
        catch (SocketException e)
        {
            throw Refused(proxy, target, $"broke the connection ({e.SocketErrorCode})", e);
        }

        if (Status(head) is not { } status)
        {
            throw Refused(proxy, target, "answered what is no HTTP: something else listens there", null);
        }

        if (status is < 200 or > 299)
        {
            throw Refused(proxy, target, Why(proxy, target, status, head), null);
        }

        if (!IsWhole(head))
        {
            throw Refused(proxy, target, $"began an answer that has no end within {MostHead / 1024} KiB", null);
        }
    }

    private static string Request(HttpProxy proxy, DialTarget target)
    {
        string authorization = proxy.Authorization is { } basic
            ? $"Proxy-Authorization: Basic {basic}\r\n"
            : string.Empty;
        return $"CONNECT {target.EndPoint} HTTP/1.1\r\nHost: {target.EndPoint}\r\n{authorization}\r\n";
    }

    /// <summary>Byte by byte: what follows the head belongs to the tunnel.</summary>
    private static async Task<string> ReadHeadAsync(Socket socket, CancellationToken cancellationToken)
    {
        byte[] one = new byte[1];
        var head = new StringBuilder();
        while (head.Length < MostHead)
        {
            if (await socket.ReceiveAsync(one.AsMemory(), cancellationToken).ConfigureAwait(false) == 0)
            {
                break;
            }

            head.Append((char)one[0]);
            if (one[0] == '\n' && IsWhole(head.ToString(Math.Max(0, head.Length - 4), Math.Min(4, head.Length))))
            {
                break;
            }
        }

        return head.ToString();
    }

    private static bool IsWhole(string head) =>
        head.EndsWith("\r\n\r\n", StringComparison.Ordinal) || head.EndsWith("\n\n", StringComparison.Ordinal);

    private static int? Status(string head)
    {
        string[] words = head.Split('\n')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words.Length >= 2 && words[0].StartsWith("HTTP/1.", StringComparison.Ordinal)
            && int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out int status)
                ? status
                : null;
    }

    private static string Why(HttpProxy proxy, DialTarget target, int status, string head)
    {
        string line = PeerText.Line(head.Split('\n')[0].Trim(), 120);
        return status switch
        {
            401 or 407 when proxy.HasCredential => $"refused the credentials ({line})",
            401 or 407 => $"wants credentials{Schemes(head)} ({line})",
            403 or 405 => string.Create(
                CultureInfo.InvariantCulture,
                $"forbids a tunnel to port {target.Port}, as proxies do that allow 443 only ({line})"),
            502 or 503 or 504 => $"could not reach {target.EndPoint} itself ({line})",
            _ => $"refused the tunnel ({line})",
        };
    }

    private static string Schemes(string head)
    {
        const string Header = "Proxy-Authenticate:";
        string[] offered = [.. head.Split('\n')
            .Where(static line => line.StartsWith(Header, StringComparison.OrdinalIgnoreCase))
            .Select(static line => PeerText.Line(line[Header.Length..].Trim().Split(' ')[0], 20))
            .Distinct().Take(MostSchemes)];
        return offered.Length == 0 ? string.Empty : $" for {string.Join(" or ", offered)}";
    }

    private static ChannelException Refused(HttpProxy proxy, DialTarget target, string why, Exception? cause) => new(
        ChannelFault.ProxyRefused,
        ChannelStage.Connect,
        target.EndPoint,
        $"The proxy {proxy} {why}.",
        cause);
}
