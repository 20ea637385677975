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

    /// <summary>Every host is dialled directly, whatever else is said somewhere.</summary>
    public static readonly HttpProxy None = new("none", 0, null, "*");

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

    /// <summary>Whether this text names a user, as http://user:password@host does.</summary>
    public static bool NamesUser(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Contains('@', StringComparison.Ordinal);
    }

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

        // http://DOMAIN\user:password@proxy is read as the host DOMAIN with a path.
        if (uri.PathAndQuery != "/" || uri.Fragment.Length > 0 || uri.Port == 0)
        {
            throw new FormatException(
                "A proxy is given as http://host:port, without anything behind; in a user's name or a password "
                + "a character such as @ : / \\ # ? is written as %40 %3A %2F %5C %23 %3F.");
        }

        if (credential is null && uri.UserInfo.Length > 0)
        {
            string[] parts = uri.UserInfo.Split(':', 2);
            credential = new NetworkCredential(
                Uri.UnescapeDataString(parts[0]), parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : string.Empty);
        }

        if (credential is not null && (credential.UserName.Length == 0 || credential.UserName.Contains(':', StringComparison.Ordinal)
            || credential.UserName.Concat(credential.Password).Any(char.IsControl)))
        {
            throw new FormatException(
                "The user's name at a proxy is not empty and has no colon; neither it nor the password has control "
                + "characters.");
        }

        return new HttpProxy(
            uri.Host.Trim('[', ']'), uri.IsDefaultPort ? UsualPort : uri.Port, credential, exceptions);
    }

    /// <summary>
    /// What the environment says: https_proxy, HTTPS_PROXY, all_proxy, ALL_PROXY; no_proxy, NO_PROXY. Null if nothing.
    /// </summary>
    public static HttpProxy? FromEnvironment(
        Func<string, string?>? read = null, NetworkCredential? credential = null)
    {
        read ??= Environment.GetEnvironmentVariable;
        string? proxy = First("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY");
        return proxy is null ? null : Parse(proxy, credential, First("no_proxy", "NO_PROXY"));

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

    /// <summary>
    /// Whether both lead to the same proxy with the same credentials. The exceptions are not looked at.
    /// </summary>
    public static bool AreSame(HttpProxy? one, HttpProxy? other) => (one, other) switch
    {
        (null, null) => true,
        (null, _) or (_, null) => false,
        _ => one.Port == other.Port && one.Authorization == other.Authorization
            && one.Host.Equals(other.Host, StringComparison.OrdinalIgnoreCase),
    };

    public override string ToString() => this == None ? Host : string.Create(
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
