using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Faults;

namespace ScanEngineAdmin.Core.Nodes;

/// <summary>
/// The HTTP proxy that an engine's host dials its consoles through, as its environment says: a host has one, and a
/// service, a pairing and a test of the way must all take it. It is never taken without being asked for, since a proxy
/// for the web is often set on hosts that reach their console directly.
/// </summary>
internal static class NodeProxy
{
    /// <summary>http://[user:password@]host:port, or "system" for what HTTPS_PROXY and NO_PROXY say.</summary>
    public const string Variable = "SCANENGINEADMIN_PROXY";

    /// <summary>Null dials directly.</summary>
    /// <exception cref="ScanEngineException">OptionInvalid.</exception>
    public static HttpProxy? FromEnvironment() => Read(Environment.GetEnvironmentVariable);

    internal static HttpProxy? Read(Func<string, string?> environment)
    {
        string? text = environment(Variable)?.Trim();
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        bool system = text.Equals("system", StringComparison.OrdinalIgnoreCase);
        try
        {
            return system
                ? HttpProxy.FromEnvironment(environment)
                : HttpProxy.Parse(text, null, environment("no_proxy") ?? environment("NO_PROXY"));
        }
        catch (FormatException e)
        {
            // The text itself may hold a password.
            throw new ScanEngineException(
                FaultCode.OptionInvalid,
                $"The proxy in {(system ? "HTTPS_PROXY" : Variable)} cannot be used: {e.Message}",
                $"Set {Variable} to http://host:port, to http://user:password@host:port, or to system.",
                Variable,
                e);
        }
    }
}
