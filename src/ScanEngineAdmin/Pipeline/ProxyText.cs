using System.Management.Automation;
using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Faults;

namespace ScanEngineAdmin.Pipeline;

/// <summary>Reads -Proxy and -ProxyCredential; what is left out is the environment's.</summary>
internal static class ProxyText
{
    /// <summary>Null where neither was given nor the environment has one: the hosts are dialled directly.</summary>
    /// <exception cref="ScanEngineException">OptionInvalid.</exception>
    public static HttpProxy? Read(string? proxy, PSCredential? credential)
    {
        // PowerShell keeps what was typed: in its history, in a job's command, in transcripts and logs.
        if (proxy is not null && HttpProxy.NamesUser(proxy))
        {
            throw new ScanEngineException(
                FaultCode.OptionInvalid,
                "-Proxy holds a user's name or a password, which histories and logs would keep.",
                "Give them apart: -Proxy http://host:port -ProxyCredential (Get-Credential).",
                "Proxy");
        }

        // Not GetNetworkCredential(), which takes the domain off the name.
        return NodeProxy.Read(
            Environment.GetEnvironmentVariable,
            proxy,
            credential is null || credential == PSCredential.Empty ? null : new NetworkCredential(
                credential.UserName, credential.Password));
    }
}
