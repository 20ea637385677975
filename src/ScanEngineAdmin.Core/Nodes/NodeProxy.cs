using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.Win32.SafeHandles;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;

namespace ScanEngineAdmin.Core.Nodes;

/// <summary>
/// The HTTP proxy that a node dials through: the one given to it, else the one that its environment says. A proxy is
/// never taken without being asked for, since a proxy for the web is often set on hosts whose nodes reach each other
/// directly.
/// </summary>
internal static class NodeProxy
{
    /// <summary>http://[user:password@]host:port, "system" for what HTTPS_PROXY and NO_PROXY say, or "none".</summary>
    public const string Variable = "SCANENGINEADMIN_PROXY";

    /// <summary>A file that holds user:password, so that no environment has to.</summary>
    public const string CredentialVariable = "SCANENGINEADMIN_PROXY_CREDENTIAL";

    private const int LongestCredential = 4096;

    private static readonly ConcurrentDictionary<string, HttpProxy?> Running = new(StringComparer.Ordinal);

    /// <summary>Null dials directly.</summary>
    /// <exception cref="ScanEngineException">OptionInvalid.</exception>
    public static HttpProxy? FromEnvironment() => Read(Environment.GetEnvironmentVariable);

    /// <summary>A node that was given no proxy takes the environment's.</summary>
    /// <exception cref="ScanEngineException">OptionInvalid.</exception>
    public static ChannelOptions Complete(ChannelOptions options) =>
        options.Proxy is null ? options with { Proxy = FromEnvironment() } : options;

    /// <summary>As the node of that folder if it runs in this process, else as the environment says.</summary>
    /// <exception cref="ScanEngineException">OptionInvalid.</exception>
    public static HttpProxy? Of(string folder) =>
        Running.TryGetValue(folder, out HttpProxy? proxy) ? proxy : FromEnvironment();

    /// <summary>What was given in the place of the environment's: a proxy, or credentials for that of the environment.</summary>
    /// <exception cref="ScanEngineException">OptionInvalid.</exception>
    public static HttpProxy? Read(
        Func<string, string?> environment, string? given = null, NetworkCredential? credential = null)
    {
        bool isGiven = !string.IsNullOrWhiteSpace(given);
        string source = isGiven ? "-Proxy" : Variable;
        string? text = (isGiven ? given : environment(Variable))?.Trim();
        if (string.IsNullOrEmpty(text))
        {
            return credential is null ? null : throw Invalid(
                "-ProxyCredential", "Credentials were given, and no proxy that they are for.",
                "Name the proxy too: -Proxy http://host:port.");
        }

        if (Is(text, "none"))
        {
            return HttpProxy.None;
        }

        bool system = Is(text, "system");
        source = system ? "HTTPS_PROXY" : source;
        try
        {
            // The file's credentials are for the proxy that the environment names, and for no other.
            credential ??= isGiven || HttpProxy.NamesUser(text) ? null : FromFile(environment(CredentialVariable)?.Trim());
            return system
                ? HttpProxy.FromEnvironment(environment, credential)
                : HttpProxy.Parse(text, credential, environment("no_proxy") is { Length: > 0 } lower ? lower : environment("NO_PROXY"));
        }
        catch (FormatException e)
        {
            // The text itself may hold a password.
            throw Invalid(
                source, $"The proxy in {source} cannot be used: {e.Message}", "Give http://host:port, system or none.", e);
        }
    }

    /// <summary>A node of this process dials through that proxy from here on.</summary>
    internal static void Enter(string folder, HttpProxy? proxy) => Running[folder] = proxy;

    internal static void Leave(string folder) => Running.TryRemove(folder, out _);

    private static bool Is(string text, string word) => text.Equals(word, StringComparison.OrdinalIgnoreCase);

    private static NetworkCredential? FromFile(string? path)
    {
        if (string.IsNullOrEmpty(path))
        {
            return null;
        }

        // Not shown: it may be the credentials themselves, put in the wrong place.
        if (!Path.IsPathFullyQualified(path))
        {
            throw Invalid(
                CredentialVariable, $"{CredentialVariable} does not name a file by its whole path.",
                "Write user:password into a file of the node's user, and give the path of that file.");
        }

        string text;
        try
        {
            if (OperatingSystem.IsLinux() && FolderOwner.OfShared(Path.GetDirectoryName(path)!).User is not 0 and var other
                && other != FolderOwner.Me)
            {
                throw Others(path);
            }

            // Secrets are often mounted as links; what one leads to is looked at when it is open.
            using SafeFileHandle file = OwnFile.Open(path, write: false, follow: true);
            CheckRights(file, path);
            byte[] bytes = new byte[LongestCredential];
            text = Encoding.UTF8.GetString(bytes, 0, RandomAccess.Read(file, bytes, 0)).Trim('\r', '\n', '\uFEFF');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Invalid(
                CredentialVariable, $"The credentials for the proxy cannot be read: {e.Message}",
                $"Let {CredentialVariable} name a file that holds user:password.", e);
        }

        string[] parts = text.Split(':', 2);
        return parts.Length == 2 ? new NetworkCredential(parts[0], parts[1]) : throw Invalid(
            CredentialVariable, $"'{path}' holds no user:password.", "Write both into its only line, with a colon between.");
    }

    private static void CheckRights(SafeFileHandle file, string path)
    {
        // A group may read: systemd grants a service its credentials by an access list, which shows as the group's.
        if (!OperatingSystem.IsWindows()
            && (File.GetUnixFileMode(file) & (UnixFileMode.OtherRead | UnixFileMode.OtherWrite)) != 0)
        {
            throw Invalid(
                CredentialVariable, $"Everybody on this host can read or write the credentials in '{path}'.",
                $"Take that away: chmod 600 '{path}'.");
        }

        if (OperatingSystem.IsLinux() && FileFacts.Of(file, path).User is not 0 and var owner && owner != FolderOwner.Me)
        {
            throw Others(path);
        }
    }

    private static ScanEngineException Others(string path) => Invalid(
        CredentialVariable, $"The credentials in '{path}' are another user's, who could change them.",
        "Let the file, and the folder it lies in, belong to root or to the node's user.");

    private static ScanEngineException Invalid(string target, string message, string advice, Exception? cause = null) =>
        new(FaultCode.OptionInvalid, message, advice, target, cause);
}
