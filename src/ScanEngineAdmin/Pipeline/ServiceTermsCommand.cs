using System.Management.Automation;
using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Core.Services;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Pipeline;

/// <summary>A cmdlet on what a service of this host shall be.</summary>
public abstract class ServiceTermsCommand : ServiceCommand
{
    private protected static readonly string[] Terms =
        [nameof(Program), nameof(Address), nameof(Port), nameof(AdvertisedAddress), nameof(AllowFrom), nameof(Provider)];

    /// <summary>
    /// <para>The program of the service host; without it where its package puts it.</para>
    /// </summary>
    [Parameter]
    public string? Program { get; set; }

    /// <summary>
    /// <para>Of a node: the address of this host to listen at; without it all of them.</para>
    /// </summary>
    [Parameter]
    public IPAddress? Address { get; set; }

    /// <summary>
    /// <para>Of a node: the TCP port to listen at (40815 for a console, 40814 for an engine). Of an applier: the ports
    /// that it may open beside those two.</para>
    /// </summary>
    [Parameter]
    [ValidateRange(1, 65535)]
    public int[] Port { get; set; } = [];

    /// <summary>
    /// <para>Of a console: the name or address that reverse engines are told to dial.</para>
    /// </summary>
    [Parameter]
    public string? AdvertisedAddress { get; set; }

    /// <summary>
    /// <para>Of an applier: addresses and blocks that a rule may be for, or any (Set-ScanEngine -AllowFrom).</para>
    /// </summary>
    [Parameter]
    public string[] AllowFrom { get; set; } = [];

    /// <summary>
    /// <para>Of an applier: the firewall manager to use; without it the one that owns this host's filter.</para>
    /// </summary>
    [Parameter]
    public FirewallProvider? Provider { get; set; }

    private protected ServiceDefinition Define()
    {
        CheckOptions();
        ConsoleAdmin.CheckTyped(null, AdvertisedAddress, null);
        return new ServiceDefinition(Role, Applier)
        {
            Program = ServiceProgram.Find(Program is null ? null : FilePath(Program)),
            DataPath = ServiceData,
            Listen = Applier || (Address is null && Port.Length == 0) ? null : new IPEndPoint(
                Address ?? IPAddress.IPv6Any,
                Port is [int port] ? port : Role == NodeRole.Console ? WellKnownPorts.Console : WellKnownPorts.Engine),
            AdvertisedAddress = AdvertisedAddress is null ? null : DialAddress.Validate(AdvertisedAddress),
            Ports = Applier ? Port : [],
            AllowFrom = AllowedSources.Read(AllowedSources.Normalize(AllowFrom)),
            Provider = Provider,
        };
    }

    private void CheckOptions()
    {
        (string Name, bool OfApplier)[] options =
        [
            (nameof(Address), false), (nameof(AdvertisedAddress), false), (nameof(AllowFrom), true), (nameof(Provider), true),
        ];
        foreach ((string name, bool ofApplier) in options.Where(option => IsBound(option.Name)))
        {
            if (ofApplier != Applier)
            {
                throw Invalid(
                    $"-{name} is for {(ofApplier ? "an applier" : "a node")}.",
                    ofApplier ? "Add -Applier, or leave it out." : "Leave it out, or leave -Applier out.",
                    name);
            }
        }

        if (!Applier && Port.Length > 1)
        {
            throw Invalid("A node listens at one port.", "Give one with -Port.", nameof(Port));
        }

        if (AdvertisedAddress is not null && Role == NodeRole.Engine)
        {
            throw Invalid("Only a console is advertised.", "Leave -AdvertisedAddress out.", nameof(AdvertisedAddress));
        }
    }
}
