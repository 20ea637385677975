using System.Globalization;
using System.Net;
using System.Text;

namespace ScanEngineAdmin.Channel;

/// <summary>
/// An HTTP proxy that a node dials through: it asks for a tunnel with CONNECT, and TLS runs within, end to end. Basic
/// credentials go to the proxy as they are, so whoever sees the way to the proxy can read them. Scripts that choose
/// proxies (PAC) are not run.
/// </summary>
public sealed class HttpProxy
{
    private const int UsualPort = 80;

    private HttpProxy(string host, int port, NetworkCredential? credential, string? exceptions)
    {
        Host = host;
        Port = port;
        HasCredential = credential is not null;
        Authorization = credential is null ? null : Convert.ToBase64String(
            Encoding.UTF8.GetBytes($"{credential.UserName}:{credential.Password}"));
        Exceptions = (exceptions ?? string.Empty).Split(
            [',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }

    public string Host { get; }

    public int Port { get; }

    public bool HasCredential { get; }

    /// <summary>
    /// Hosts that are dialled directly, as in NO_PROXY: names with what is below them, addresses, blocks, *.
    /// </summary>
    public IReadOnlyList<string> Exceptions { get; }

    internal string? Authorization { get; }

    /// <summary>http://[user:password@]host[:port], or host:port. Throws FormatException with what is wrong.</summary>
    public static HttpProxy Parse(string text, NetworkCredential? credential = null, string? exceptions = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        string trimmed = text.Trim();
        string full = trimmed.Contains("://", StringComparison.Ordinal) ? trimmed : $"http://{trimmed}";
        if (!Uri.TryCreate(full, UriKind.Absolute, out Uri? uri) || uri.Host.Length == 0)
        {
            throw new FormatException("A proxy is given as http://host:port.");
        }

        if (uri.Scheme != Uri.UriSchemeHttp)
        {
            throw new FormatException($"A proxy is spoken to over http, and not over {uri.Scheme}.");
        }

        if (credential is null && uri.UserInfo.Length > 0)
        {
            string[] parts = uri.UserInfo.Split(':', 2);
            credential = new NetworkCredential(
                Uri.UnescapeDataString(parts[0]), parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : string.Empty);
        }

        return new HttpProxy(
            uri.Host.Trim('[', ']'), uri.IsDefaultPort ? UsualPort : uri.Port, credential, exceptions);
    }

    /// <summary>
    /// What the environment says: https_proxy, HTTPS_PROXY, all_proxy, ALL_PROXY; no_proxy, NO_PROXY. Null if nothing.
    /// </summary>
    public static HttpProxy? FromEnvironment(Func<string, string?>? read = null)
    {
        read ??= Environment.GetEnvironmentVariable;
        string? proxy = First("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY");
        return proxy is null ? null : Parse(proxy, null, First("no_proxy", "NO_PROXY"));

        string? First(params string[] names) =>
            names.Select(read).FirstOrDefault(static value => !string.IsNullOrWhiteSpace(value));
    }

    /// <summary>Whether that host is dialled through it. This host itself never is.</summary>
    public bool IsUsedFor(string host)
    {
        ArgumentNullException.ThrowIfNull(host);
        string name = host.TrimEnd('.');
        bool isAddress = IPAddress.TryParse(name, out IPAddress? address);
        if (isAddress ? IPAddress.IsLoopback(address!) : name.Equals("localhost", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        return !Exceptions.Any(exception => exception == "*"
            || (isAddress ? IsAddress(exception, address!) : IsName(exception.TrimStart('*').TrimStart('.'), name)));
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{Port}");

    private static bool IsName(string exception, string name) => exception.Length > 0
        && (name.Equals(exception, StringComparison.OrdinalIgnoreCase)
            || name.EndsWith($".{exception}", StringComparison.OrdinalIgnoreCase));

    private static bool IsAddress(string exception, IPAddress address) =>
        IPNetwork.TryParse(exception, out IPNetwork block)
            ? block.Contains(address)
            : IPAddress.TryParse(exception.Trim('[', ']'), out IPAddress? single) && single.Equals(address);
}
