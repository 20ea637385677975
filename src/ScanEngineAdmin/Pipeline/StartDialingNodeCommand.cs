using System.Management.Automation;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Hosting;

namespace ScanEngineAdmin.Pipeline;

/// <summary>A node that dials its peers, at least in one of the two directions.</summary>
public abstract class StartDialingNodeCommand : StartNodeCommand
{
    /// <summary>
    /// <para>The HTTP proxy that the other node is dialled through, by CONNECT: http://host:port, 'system' for what HTTPS_PROXY
    /// says, or 'none'. Without it $env:SCANENGINEADMIN_PROXY. NO_PROXY and this host itself are excepted.</para>
    /// </summary>
    [Parameter]
    public string? Proxy { get; set; }

    /// <summary>
    /// <para>The user and password that the proxy wants. They go to it as Basic authentication, are kept in memory
    /// only, and are never shown.</para>
    /// </summary>
    [Parameter]
    [Credential]
    public PSCredential? ProxyCredential { get; set; }

    private protected HttpProxy? ReadProxy() => ProxyText.Read(Proxy, ProxyCredential);

    private protected ChannelOptions ChannelOptions =>
        ScanEngineAdmin.Channel.ChannelOptions.Default with { Proxy = ReadProxy() };

    /// <summary>A node that runs already dials as it was started.</summary>
    private protected void CheckProxy(FaultCode code, string what, string stop, string nodeFolder, DataFolder folder)
    {
        HttpProxy? running = NodeProxy.Of(nodeFolder);
        if ((Proxy is not null || ProxyCredential is not null) && ReadProxy() is var asked
            && !HttpProxy.AreSame(asked, running))
        {
            string how = running is null ? "which dials directly"
                : $"{asked}" == $"{running}" ? $"which dials through {running} with other credentials"
                : $"which dials through {running}";
            throw RunningNode.Other(code, what, stop, how, folder);
        }
    }
}
